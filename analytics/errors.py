"""Errors that users see, each with the exit code of the contract.

DpmAnalyticsError                      says what, where, what would be right
├── UsageError                    2    wrong option or argument
├── ConfigurationError            2    site file, environment, output place
├── QueryError                    2    SQL that does not run
│   └── UnknownQueryError         2    no query of that name
├── SourceError                   4    a file or archive that cannot be read (ingest turns it into a reject)
├── NoInputError                  5    nothing usable was given
├── DeliveryError                 7    the mail was not taken
└── StoreError                    2    the store cannot be read or written
    ├── StoreVersionError         2    written by a newer version
    └── StoreLockedError          6    another process is writing
"""

from __future__ import annotations

EXIT_DONE = 0
EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_BREACH = 3
EXIT_PARTIAL = 4
EXIT_NO_INPUT = 5
EXIT_LOCKED = 6
EXIT_UNDELIVERED = 7


class DpmAnalyticsError(Exception):
    """Base of all errors that are reported in one line.

    `what` went wrong, `where` (file, line, option; may be empty) and what `expected` would be right (may be empty).
    """

    exit_code = EXIT_USAGE

    def __init__(self, what: str, where: str = "", expected: str = "") -> None:
        self.what, self.where, self.expected = what, where, expected
        super().__init__(what, where, expected)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" ({self.expected})" if self.expected else ""
        return f"{place}{self.what}{remedy}"


class UsageError(DpmAnalyticsError):
    """A wrong option or argument."""


class ConfigurationError(DpmAnalyticsError):
    """A site file, environment or output place that does not fit."""


class QueryError(DpmAnalyticsError):
    """SQL that does not parse, bind or run."""


class UnknownQueryError(QueryError):
    """No query of that name; `expected` lists the nearest names."""


class SourceError(DpmAnalyticsError):
    """A file or archive that cannot be read; the rest of the input goes on."""

    exit_code = EXIT_PARTIAL


class NoInputError(DpmAnalyticsError):
    """Nothing usable was given."""

    exit_code = EXIT_NO_INPUT


class DeliveryError(DpmAnalyticsError):
    """A mail server that cannot be reached, is not trusted, or does not take the mail."""

    exit_code = EXIT_UNDELIVERED


class StoreError(DpmAnalyticsError):
    """The store cannot be opened, read or written."""


class StoreVersionError(StoreError):
    """The store was written by a newer version of this program."""


class StoreLockedError(StoreError):
    """Another process is writing to the store."""

    exit_code = EXIT_LOCKED
