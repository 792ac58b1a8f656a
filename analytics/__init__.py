"""dpm-analytics: why DPM's Hyper-V backups take so long, from their logs.

    import analytics

    store = analytics.Store.create_or_open("dpm.store")
    analytics.read_logs(store, ["C:/Logs"])
    with analytics.open_session(store) as session:
        jobs = session.sql("SELECT * FROM jobs").to_pandas()
        offenders = session.run("offenders").to_pandas()
        analytics.draw(session, "sla_heatmap").save("sla.html")
        analytics.write_report(session, "report.html")

Names are imported when they are first used, so that `import analytics` stays fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analytics.errors import DpmAnalyticsError
    from analytics.ingest import IngestOptions, IngestSummary, explain_line
    from analytics.ingest import ingest as read_logs
    from analytics.planning import open_session
    from analytics.report import build_report, draw, write_report
    from analytics.site import Site, load_site
    from analytics.sql import Session, catalogue
    from analytics.store import Store, Stores
    from analytics.synth import Knobs, write_estate

_HOMES = {
    "DpmAnalyticsError": ("errors", "DpmAnalyticsError"),
    "IngestOptions": ("ingest", "IngestOptions"),
    "IngestSummary": ("ingest", "IngestSummary"),
    "Knobs": ("synth", "Knobs"),
    "Session": ("sql", "Session"),
    "Site": ("site", "Site"),
    "Store": ("store", "Store"),
    "Stores": ("store", "Stores"),
    "build_report": ("report", "build_report"),
    "catalogue": ("sql", "catalogue"),
    "draw": ("report", "draw"),
    "explain_line": ("ingest", "explain_line"),
    "load_site": ("site", "load_site"),
    "open_session": ("planning", "open_session"),
    "read_logs": ("ingest", "ingest"),  # not `ingest`, which is the subpackage
    "write_estate": ("synth", "write_estate"),
    "write_report": ("report", "write_report"),
}

__all__ = [
    "DpmAnalyticsError",
    "IngestOptions",
    "IngestSummary",
    "Knobs",
    "Session",
    "Site",
    "Store",
    "Stores",
    "build_report",
    "catalogue",
    "draw",
    "explain_line",
    "load_site",
    "open_session",
    "read_logs",
    "write_estate",
    "write_report",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'analytics' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(f"analytics.{module}"), attribute)


def __dir__() -> list[str]:
    return __all__
