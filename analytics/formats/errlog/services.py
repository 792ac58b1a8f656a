"""Which DPM service wrote an errlog: by the file's name, else by what find and findstr wrote before its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from analytics.formats.format import Head
from analytics.tables import vocabulary as words

# As the product spells them in `<Service>Curr.errlog` (dpm-formats 1.1).
SERVICES = words.SERVICES.names
# DPMAC is no part of DPMACcessManager: a name ends before `Curr`, a number or whatever is no letter.
_IN_NAME = re.compile(
    rf"(?<![A-Za-z])(?:{'|'.join(SERVICES)})(?=curr(?:[^A-Za-z]|$)|[^A-Za-z]|$)", re.IGNORECASE
)
_LOG_BEFORE_LINE = re.compile(r"^(?:-{10} )?([^\t\n\"<>|*?]{1,300}?\.errlog)", re.IGNORECASE | re.MULTILINE)
_SPELLED = {name.casefold(): name for name in SERVICES}


def service_of(head: Head) -> str | None:
    """The service that wrote an errlog; None where names are silent or disagree."""
    return _only_service([head.name]) or _only_service(_LOG_BEFORE_LINE.findall(head.text))


def _only_service(names: Iterable[str]) -> str | None:
    # the folders of a path say who gathered the logs, not who wrote them
    files = {re.split(r"[\\/]", name)[-1] for name in names}
    found = {_SPELLED[match.casefold()] for file in files for match in _IN_NAME.findall(file)}
    return found.pop() if len(found) == 1 else None
