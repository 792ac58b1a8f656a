"""What computers are compared and joined by: their names in small letters, without a domain."""

from __future__ import annotations

import pyarrow as pa

from analytics.tables import HOST_KEYS

_KEY = pa.dictionary(pa.int32(), pa.string())


def host_key(name: str | None) -> str | None:
    """The key of a computer's name, hv01 for HV01.contoso.local; an address in numbers is its own key.

    The macro host_key_of of the model says the same in SQL, for stores that lack the columns.
    """
    text = (name or "").strip().lower()
    if text.replace(".", "").isdigit():
        return text
    return text.split(".", 1)[0] or None


def host_keys(table: str, rows: pa.RecordBatch) -> dict[str, pa.DictionaryArray]:
    """The key columns of rows of a table, by their names."""
    return {key: _keys(rows.column(name)) for key, name in HOST_KEYS.get(table, {}).items()}


def _keys(names: pa.Array) -> pa.DictionaryArray:
    """Keys of a column in which few names stand often: each is made once."""
    encoded = names.dictionary_encode()
    keys = pa.array([host_key(name) for name in encoded.dictionary.to_pylist()], pa.string())
    # two names may have one key, and a dictionary holds each value once
    return keys.take(encoded.indices).dictionary_encode()
