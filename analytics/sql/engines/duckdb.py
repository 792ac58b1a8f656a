"""DuckDB's own functions behind the names that the model uses; a second engine registers the same names."""

from __future__ import annotations

from typing import Any

MACROS: tuple[tuple[str, str], ...] = (
    # microseconds since 1970, UTC, of an instant; and back
    ("us_of(instant)", "epoch_us(instant)"),
    ("moment_of(us)", "make_timestamptz(us)"),
    # wall time of a zone at an instant; the instant of a wall time in a zone
    ("local_of(zone, instant)", "timezone(zone, CAST(instant AS TIMESTAMPTZ))"),
    ("instant_of(zone, local)", "timezone(zone, CAST(local AS TIMESTAMP))"),
    # the night that an instant belongs to: its local date less the shift of the site's night
    (
        "night_of(zone, night_shift_s, instant)",
        "CAST(timezone(zone, CAST(instant AS TIMESTAMPTZ)) - night_shift_s * INTERVAL 1 SECOND AS DATE)",
    ),
    # one value of a JSON payload as text
    ("field_of(payload, name)", "payload ->> name"),
    # what computers are compared by: small letters without the domain, as ingest writes the columns *_key
    (
        "host_key_of(host)",
        (
            "CASE WHEN regexp_full_match(trim(host), '[\\d.]*\\d') THEN trim(host)"
            " ELSE nullif(lower(split_part(trim(host), '.', 1)), '') END"
        ),
    ),
    # continuous quantile, an aggregate
    ("quantile_of(x, share)", "quantile_cont(x, share)"),
)


def register_macros(connection: Any) -> None:
    """Give a connection the names of the model that DuckDB spells otherwise."""
    for head, body in MACROS:
        connection.execute(f"CREATE MACRO {head} AS {body}")
