"""dpm-analytics: why DPM's Hyper-V backups take so long, from their logs.

    import analytics

    store = analytics.Store.create_or_open("dpm.store")
    analytics.ingest(store, ["C:/Logs"])
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
    from analytics.ingest import IngestOptions, IngestSummary, explain_line, ingest
    from analytics.report import build_report, draw, write_report
    from analytics.site import Site, load_site
    from analytics.sql import Session, catalogue, open_session
    from analytics.store import Store
    from analytics.synth import Knobs, write_estate

_HOMES = {
    "DpmAnalyticsError": "errors",
    "IngestOptions": "ingest",
    "IngestSummary": "ingest",
    "Knobs": "synth",
    "Session": "sql",
    "Site": "site",
    "Store": "store",
    "build_report": "report",
    "catalogue": "sql",
    "draw": "report",
    "explain_line": "ingest",
    "ingest": "ingest",
    "load_site": "site",
    "open_session": "sql",
    "write_estate": "synth",
    "write_report": "report",
}

__all__ = [
    "DpmAnalyticsError",
    "IngestOptions",
    "IngestSummary",
    "Knobs",
    "Session",
    "Site",
    "Store",
    "build_report",
    "catalogue",
    "draw",
    "explain_line",
    "ingest",
    "load_site",
    "open_session",
    "write_estate",
    "write_report",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'analytics' has no attribute {name!r}")
    return getattr(import_module(f"analytics.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
