"""Exit codes that schedulers and scripts rely on (contract.md)."""

from __future__ import annotations

from analytics import errors


def test_every_exit_code() -> None:
    """Has its number for good; no two share one."""
    codes = {name: value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert codes == {
        "EXIT_DONE": 0,
        "EXIT_BUG": 1,
        "EXIT_USAGE": 2,
        "EXIT_BREACH": 3,
        "EXIT_PARTIAL": 4,
        "EXIT_NO_INPUT": 5,
        "EXIT_LOCKED": 6,
        "EXIT_UNDELIVERED": 7,
    }
