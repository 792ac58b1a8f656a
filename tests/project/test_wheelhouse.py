"""The offline bundle: installs from itself alone, and refuses in one line what does not fit or was changed.

The wheel in it is made up and tiny; .ci/run packs the real bundle and installs it without a network.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.wheelhouse.__main__ import INSTALLERS, PLATFORMS, all_or_nothing, write_list
from tests.wheelhouse.install import EXE, SCRIPTS, target

FOLDER = Path(__file__).resolve().parents[1] / "wheelhouse"
WHEEL = {
    "said.py": "def main():\n    print('said from the bundle')\n",
    "dpm_analytics-7.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: dpm-analytics\nVersion: 7.0\n",
    "dpm_analytics-7.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "dpm_analytics-7.0.dist-info/entry_points.txt": "[console_scripts]\ndpm-analytics = said:main\n",
    "dpm_analytics-7.0.dist-info/RECORD": "",
}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle for the running Python, with one tiny wheel."""
    made = tmp_path / "bundle"
    (made / "wheels").mkdir(parents=True)
    (made / "requirements").mkdir()
    for name in INSTALLERS:
        shutil.copy(FOLDER / name, made)
    wheel = made / "wheels" / "dpm_analytics-7.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in WHEEL.items():
            archive.writestr(name, text)
    write_list(made / "requirements" / f"{target()}.txt", [wheel])
    return made


def installed(bundle: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the bundle's installer."""
    words = [sys.executable, str(bundle / "install.py"), str(folder)]
    return subprocess.run(words, capture_output=True, encoding="utf-8", check=False)


def refusal(bundle: Path, folder: Path) -> str:
    """The one line by which it is refused: exit code 2, and nothing is installed."""
    done = installed(bundle, folder)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not (folder / "pyvenv.cfg").exists()
    return done.stderr


def test_it_installs_and_replaces(bundle, tmp_path):
    """The command runs from the folder that was named; the same again puts a new environment in its place."""
    folder = tmp_path / "C" / "dpm tools"
    for _ in range(2):
        done = installed(bundle, folder)

        assert done.returncode == 0, done.stderr
        said = subprocess.run([folder / SCRIPTS / f"dpm-analytics{EXE}"], capture_output=True, check=True)
        assert said.stdout.strip() == b"said from the bundle"


def test_a_changed_wheel_is_refused(bundle, tmp_path):
    """Its name and that its hash differs; a wheel that is gone, too."""
    wheel = next((bundle / "wheels").iterdir())
    with wheel.open("ab") as file:
        file.write(b"x")

    assert re.search(
        r"dpm_analytics-7.0-py3-none-any.whl .*SHA-256 differs", refusal(bundle, tmp_path / "app")
    )
    wheel.unlink()
    assert "dpm_analytics-7.0-py3-none-any.whl is missing" in refusal(bundle, tmp_path / "app")


def test_another_python_is_refused(bundle, tmp_path):
    """By the name of its list: this Python, and those that the bundle is for."""
    (bundle / "requirements" / f"{target()}.txt").rename(bundle / "requirements" / "3.9-win-amd64.txt")

    assert f"this Python is {target()}, the bundle is for 3.9-win-amd64" in refusal(bundle, tmp_path / "app")


def test_a_folder_of_others_is_left_alone(bundle, tmp_path):
    """A folder that holds anything but an environment is not emptied."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "logs.txt").write_text("mine", encoding="utf-8")

    assert "holds something else" in refusal(bundle, tmp_path / "mine")
    assert (tmp_path / "mine" / "logs.txt").read_text(encoding="utf-8") == "mine"


def test_a_file_is_no_folder(bundle, tmp_path):
    """It is left alone, and said in one line."""
    (tmp_path / "mine").write_text("mine", encoding="utf-8")

    assert "name another folder" in refusal(bundle, tmp_path / "mine")
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made(bundle, tmp_path):
    """What the system says is said in one line."""
    (tmp_path / "file").touch()

    assert str(tmp_path / "file") in refusal(bundle, tmp_path / "file" / "app")


def test_the_systems_are_those_of_sysconfig():
    """What a list is called when it is packed is what the installer looks for."""
    assert all(re.fullmatch(r"(win|linux|macosx)-(amd64|x86_64|arm64)", name) for name in PLATFORMS)
    assert target().startswith("{}.{}".format(*sys.version_info))


def stop_half_way(out: Path) -> None:
    """Ctrl+C after the first wheel."""
    with all_or_nothing(out):
        (out / "wheels").mkdir(parents=True)
        raise KeyboardInterrupt


class TestPacking:
    def test_without_uv_nothing_is_left(self, tmp_path: Path) -> None:
        """One line says what to install, and no folder is made."""
        code = (
            "import importlib.util as u, sys, runpy\n"
            "found = u.find_spec\n"
            "u.find_spec = lambda name, *more: None if name == 'uv' else found(name, *more)\n"
            "sys.argv = ['tests.wheelhouse', sys.argv[1]]\n"
            "runpy.run_module('tests.wheelhouse', run_name='__main__')\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "bundle")],
            cwd=FOLDER.parents[1],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

        assert done.returncode == 1
        assert done.stderr.startswith("this Python has no uv: ")
        assert done.stderr.count("\n") == 1
        assert not (tmp_path / "bundle").exists()

    @pytest.mark.parametrize("was_there", [True, False])
    def test_half_a_bundle_is_not_left(self, tmp_path: Path, was_there: bool) -> None:
        """Whatever ended it, Ctrl+C too: a folder that was there stays, empty."""
        out = tmp_path / "bundle"
        if was_there:
            out.mkdir()
        with pytest.raises(KeyboardInterrupt):
            stop_half_way(out)

        assert out.exists() is was_there
        assert not was_there or not any(out.iterdir())
        with all_or_nothing(out):
            (out / "wheels").mkdir(parents=True)
        assert (out / "wheels").exists()
