"""The password of the mail server: where it stands, and whether the account of the daily run has it, and nobody else.

A file that only that account may read serves every scheduler: SYSTEM of Windows, cron and a systemd service see neither
the environment nor the key store of the one who set them up.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from analytics.errors import ConfigurationError
from analytics.site import MailSettings

_SERVICE = "dpm-analytics"
# groups whose members are more than administrators, as they stand in an ACL written as SDDL
_MANY = {
    "BU": "Users",
    "WD": "Everyone",
    "AU": "Authenticated Users",
    "IU": "Interactive",
    "DU": "Domain Users",
}
_GRANT = re.compile(r"\(X?A;[^;()]*;[^;()]*;[^;()]*;[^;()]*;([A-Z]{2})")
_ASK_SDDL = "(Get-Acl -LiteralPath $env:DPM_PASSWORD_FILE).Sddl"


def password_of(settings: MailSettings) -> str:
    """From the environment, else from [mail] password_file, else from the key store of the system."""
    for _, password in _found(settings):
        return password
    raise ConfigurationError(
        f"no password for {settings.user}",
        "[mail] user",
        f"write it into a file that [mail] password_file names, or set the environment variable "
        f"{settings.password_env}, or install keyring and run: keyring set {_SERVICE} {settings.user}",
    )


def source_of(settings: MailSettings) -> str:
    """Where it stands: environment, file or key store; "" for nowhere."""
    return next((source for source, _ in _found(settings)), "")


def _found(settings: MailSettings) -> Iterator[tuple[str, str]]:
    """Each place that has one, the first counts."""
    if password := os.environ.get(settings.password_env):
        yield "environment", password
    if password := _from_file(settings.password_file):
        yield "file", password
    if password := _from_key_store(settings.user):
        yield "key store", password


def _from_file(path: str) -> str:
    """The first line of the file, "" where none is named."""
    if not path:
        return ""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "is not UTF-8"
        raise ConfigurationError(
            said, f"[mail] password_file {path}", "a file with the password alone"
        ) from error
    return (text.splitlines() or [""])[0]


def _from_key_store(user: str) -> str | None:
    """The password in the system's key store; None without the package keyring, a store, or an entry."""
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(_SERVICE, user)
    except Exception:  # noqa: BLE001 - each key store has errors of its own
        return None
    return found


def who_else_reads(path: Path) -> list[str]:
    """Who may read the file beside its owner and administrators."""
    return many_in(_sddl(path)) if os.name == "nt" else _others(path.stat().st_mode)


def how_to_close(path: Path, system: str) -> str:
    """The command that leaves the file to the account of the run; security ids hold in Windows of any language."""
    if system == "windows":
        return f'icacls "{path}" /inheritance:r /grant:r *S-1-5-18:R *S-1-5-32-544:F'
    return f'chmod 600 "{path}"'


def how_to_keep(file: Path, system: str) -> str:
    """What to do so that the account of the daily run has the password."""
    return f'write it into {file}, set [mail] password_file = "{file.name}", and run: {how_to_close(file, system)}'


def _others(mode: int) -> list[str]:
    bits = {"its group": stat.S_IRWXG, "everyone": stat.S_IRWXO}
    return [who for who, bit in bits.items() if mode & bit]


def _sddl(path: Path) -> str:
    """The file's access list as Windows writes it, in no language; "" where it cannot be asked."""
    words = ("powershell", "-NoProfile", "-NonInteractive", "-Command", _ASK_SDDL)
    try:
        done = subprocess.run(  # noqa: S603 - our own words; the path comes by the environment
            words,
            capture_output=True,
            check=False,
            text=True,
            env=os.environ | {"DPM_PASSWORD_FILE": str(path)},
        )
    except OSError:
        return ""
    return done.stdout


def many_in(sddl: str) -> list[str]:
    """The groups of many that an access list lets in."""
    return [_MANY[who] for who in dict.fromkeys(_GRANT.findall(sddl)) if who in _MANY]
