"""Small JSON files that carry their own checksum, so that a changed bit is found and a foreign file is recognised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def seal(body: Mapping[str, Any]) -> str:
    """The JSON text of an object, with its SHA-256 as the last field."""
    return json.dumps({**body, "sha256": _digest(body)}, indent=1)


def unseal(data: bytes) -> dict[str, Any]:
    """The object that `seal` wrote, without the checksum; ValueError where it is anything else."""
    try:
        document = json.loads(data.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if not isinstance(document, dict) or "sha256" not in document:
        raise ValueError("not ours: it has no checksum")
    body = {key: value for key, value in document.items() if key != "sha256"}
    if document["sha256"] != _digest(body):
        raise ValueError("its checksum does not fit")
    return body


def _digest(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
