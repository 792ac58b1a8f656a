"""README: its commands are there, it is short, its links lead somewhere; the references beside it are current."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analytics.cli import docs
from analytics.cli.arguments import command_parser
from analytics.cli.figure_docs import renewed_verdicts
from analytics.cli.model_docs import MODEL_PARTS
from analytics.errors import ConfigurationError
from analytics.places import sample_logs_folder
from analytics.site import load_site
from analytics.version import VERSION
from tests.picture import PICTURE, drawn, texts

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIGURES = ROOT / "tests" / "bench" / "README.md"
QUERIES = docs.QUERIES_README.read_text(encoding="utf-8")
FOLDERS = (".github", "analytics", "queries", "sample_logs", "tests")
ALL = [ROOT / "README.md", *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.md")))]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")


def name_of(path: Path) -> str:
    """Path as test id."""
    return path.relative_to(ROOT).as_posix()


def headings(path: Path) -> set[str]:
    """What the headings of a document are called in links."""
    titles = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def command(name: str) -> str:
    """The fenced command after a marker, as .ci/run takes it."""
    found = re.search(rf"<!-- command: {name} -->\n```sh\n(.*?)\n```\n", README, re.DOTALL)
    assert found
    return found[1]


def test_the_two_commands_come_first():
    """One line each: the main job on the samples, then the tests; before any other heading."""
    assert "analyze sample_logs/estate" in command("run")
    assert "-m pytest" in command("test")
    assert "\n" not in command("run") + command("test")
    assert README.index("command: run") < README.index("command: test") < README.index("\n## ")


def test_powershell_does_the_same():
    """The Windows form installs and runs the same."""
    block = README.split("```powershell\n")[1].split("```")[0]

    assert "dpm-analytics analyze sample_logs\\estate" in block
    assert command("test").partition("-m pytest")[2] in block


def test_a_newcomer_reads_it_to_the_end():
    """At most 250 lines; what is longer stands in the references."""
    assert len(README.splitlines()) <= 250


@pytest.mark.parametrize("document", ALL, ids=name_of)
def test_links_lead_somewhere(document):
    """Each link to a file of the repository names one that is there, and each to a heading one that it has."""
    for file, heading in LINK.findall(document.read_text(encoding="utf-8")):
        aim = (document.parent / file) if file else document

        assert aim.exists(), (name_of(document), file)
        assert not heading or heading in headings(aim), (name_of(document), heading)


@pytest.mark.parametrize(
    ("document", "name"),
    [(document, name) for document, parts in docs.DOCUMENTS.items() for name in parts],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_a_generated_part_is_current(document, name):
    """What a reference says is what the declarations say; python -m analytics.cli.docs renews it."""
    parts = {
        match["name"]: match["body"] for match in docs.PART.finditer(document.read_text(encoding="utf-8"))
    }

    assert parts[name] == docs.DOCUMENTS[document][name]()


def test_readme_leads_to_each_reference():
    """No reference stands where nobody finds it."""
    assert [name_of(document) for document in docs.DOCUMENTS if name_of(document) not in README] == []


@pytest.mark.parametrize("document", docs.DOCUMENTS, ids=name_of)
def test_check_tells_a_stale_part(document, tmp_path, monkeypatch, capsys):
    """--check ends with 1 and changes nothing; without it the part is renewed."""
    text = document.read_text(encoding="utf-8")
    stale = text.replace("<!-- end -->", "old\n<!-- end -->", 1)
    copy = tmp_path / document.name
    copy.write_text(stale, encoding="utf-8", newline="\n")
    monkeypatch.setattr(docs, "DOCUMENTS", {copy: docs.DOCUMENTS[document]})
    monkeypatch.setattr(docs, "stale_heads", dict)
    monkeypatch.setattr(docs, "stale_figures", dict)

    assert docs.main(["--check"]) == 1
    assert "is not current" in capsys.readouterr().err
    assert copy.read_text(encoding="utf-8") == stale
    assert docs.main([]) == 0
    assert copy.read_text(encoding="utf-8") == text
    assert docs.main(["--check"]) == 0


def test_the_site_file_is_one(tmp_path):
    """The example is read as it stands."""
    file = tmp_path / "site.toml"
    file.write_text(README.split("```toml\n")[1].split("```")[0], encoding="utf-8")

    assert load_site(file).time_zone == "Europe/Berlin"


def test_the_python_example_runs(tmp_path, monkeypatch, capsys):
    """The example does what it shows, on the samples."""
    code = README.split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code.replace('"sample_logs/estate"', repr(str(sample_logs_folder() / "estate"))), names)

    assert "window" in capsys.readouterr().out
    assert len(names["jobs"]) > 0
    assert len(names["offenders"]) > 0
    assert (tmp_path / "report.html").stat().st_size > 100_000


def test_verdicts_follow_from_the_figures():
    """What was measured stays as it is printed; met or missed is not a matter of writing."""
    table = (
        "| what | median | ratio | target | verdict |\n|---|---|---|---|---|\n"
        "| floor | 225 MB/s |  |  | floor |\n"
        "| ingest | 221 MB/s | 0.79 (0.7 to 0.9) | >= 0.8 | {} |\n"
        "| again | 1,200 MB |  | < 1,500 MB | {} |\n"
        "| phases | 5.5 s | 3.0 times | <= 3 times | {} |\n"
    )
    text = "Figures.\n\n" + table + "\nMore.\n"

    assert renewed_verdicts(text.format("met", "", "MISSED")) == text.format("MISSED", "met", "met")
    assert renewed_verdicts(FIGURES.read_text(encoding="utf-8")) == FIGURES.read_text(encoding="utf-8")


def test_a_lost_part_is_told():
    """A part that lost its marker does not go unnoticed."""
    with pytest.raises(ConfigurationError, match="each once"):
        docs.renewed(QUERIES.replace("<!-- generated: tables -->", ""), MODEL_PARTS, "queries/README.md")


def test_readme_names_what_the_contract_names():
    """The licence, the samples and the changes have their place."""
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").lstrip().startswith("Apache License")
    assert "## Changes" in README
    assert VERSION in (ROOT / ".github" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "bash .ci/run" in (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_picture_shows_what_the_first_command_makes(sample_session):
    """What is written in it is what the report of the samples says today; python -m tests.picture draws it anew."""
    assert "(.github/report.svg)" in README
    assert texts(PICTURE.read_text(encoding="utf-8")) == texts(drawn(sample_session))


@pytest.mark.parametrize(
    "line", re.findall(r"(?:^|`)(?:& \S+\\)?dpm-analytics(?:\.exe)? (.+?)(?:$|`)", README, re.MULTILINE)
)
def test_command_lines_name_real_options(line):
    """Each command line of README, in blocks and in tables, names a command and options that it has."""
    name, *words = line.split()
    known = {"--help"} if name.startswith("-") else command_parser(name)._option_string_actions

    assert [word for word in words if word.startswith("--") and word not in known] == []
