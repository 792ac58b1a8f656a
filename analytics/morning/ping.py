"""Calls to a dead man's switch: whoever watches it learns that a run began, ended, failed, or never came."""

from __future__ import annotations

import urllib.error
import urllib.request
from logging import Logger
from urllib.parse import urlsplit, urlunsplit

from analytics.version import VERSION

_TIMEOUT_S = 10.0
_MOST_BYTES = 10_000


def ping(url: str, event: str, text: str, log: Logger) -> None:
    """Call the URL, with /start or /fail for such an event, and the text as body; a failure is a line of the log."""
    if not url:
        return
    parts = urlsplit(url)
    path = f"{parts.path.rstrip('/')}/{event}" if event else parts.path
    request = urllib.request.Request(  # noqa: S310 - the site file takes http and https only
        urlunsplit(parts._replace(path=path)),
        text.encode("utf-8")[:_MOST_BYTES],
        {"User-Agent": f"dpm-analytics/{VERSION}", "Content-Type": "text/plain; charset=utf-8"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - as above
            answer.read(1)
    except (OSError, ValueError) as error:
        # its path is the key to the switch, and stays out of the log
        log.warning("ping of %s: %s", parts.hostname, getattr(error, "reason", None) or error)
