"""Where the queries and the sample logs lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from analytics.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent


def queries_folder() -> Path:
    """Folder of the .sql files (model/, report/, explore/); ConfigurationError where it is missing."""
    return _shipped("queries")


def rules_folder() -> Path:
    """Folder of the rule files; ConfigurationError where it is missing."""
    return queries_folder() / "model" / "rules"


def sample_logs_folder() -> Path:
    """Folder of the sample logs; ConfigurationError where it is missing."""
    return _shipped("sample_logs")


@cache
def _shipped(name: str) -> Path:
    beside, inside = _PACKAGE.parent / name, _PACKAGE / "_data" / name
    if _is_checkout() and beside.is_dir():
        return beside
    if inside.is_dir():
        return inside
    raise ConfigurationError(
        f"the installation lacks its folder {name}", str(inside), "install dpm-analytics again"
    )


def _is_checkout() -> bool:
    """Tell a checkout from site-packages, where a folder named queries may be somebody else's."""
    return (_PACKAGE.parent / "pyproject.toml").is_file()
