"""One figure of the report: for the report itself, and for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from analytics.errors import UnknownQueryError
from analytics.report.build import wall_times
from analytics.report.contents import Figure, Report, plain
from analytics.report.words import Words

if TYPE_CHECKING:
    import altair as alt

    from analytics.charts.drawing import ChartRows
    from analytics.sql import Session


def draw(session: Session, name: str, /, words: Words | None = None, **parameters: Any) -> alt.TopLevelMixin:
    """Run a named query and draw the chart that its `chart:` line names; times are wall times of the site's zone.

    Raises UnknownQueryError for a query that does not exist or has no chart.
    """
    from analytics.charts import draw as draw_rows
    from analytics.sql import catalogue, find_query

    query = find_query(name)
    if query.chart is None:
        with_chart = ", ".join(query.name for query in catalogue().values() if query.chart)
        raise UnknownQueryError(f"query {name!r} has no chart", expected=f"these have one: {with_chart}")
    rows = wall_times(session.run(name, **parameters), session.site.time_zone or "UTC")
    return draw_rows(query.chart, _days_as_text(rows).to_pandas(), words or Words.of("en"))


def _days_as_text(rows: pa.Table) -> pa.Table:
    """Days as ISO 8601: a chart holds its rows as JSON, which knows no days."""
    days = {field.name: pa.string() for field in rows.schema if pa.types.is_date(field.type)}
    return rows.cast(pa.schema([(field.name, days.get(field.name, field.type)) for field in rows.schema]))


def draw_figure(figure: Figure, rows: ChartRows, report: Report) -> alt.TopLevelMixin:
    """Draw a figure of the report from `rows`; the drawing takes of nights and window what it names."""
    from analytics.charts import draw as draw_rows

    opens_ms, closes_ms = report.window_ms
    nights = report.results["night_summary"].table.num_rows
    given: dict[str, Any] = {"nights": nights, "window_from_ms": opens_ms, "window_to_ms": closes_ms}
    if figure.head:
        given["load"] = _head(figure, report)
    if figure.width_px:
        given["width_px"] = figure.width_px
    return draw_rows(figure.chart, rows, report.words, **given)


def _head(figure: Figure, report: Report) -> ChartRows:
    """What stands above the rows of the worst night."""
    import pandas as pd

    found = [row for row in report.results[figure.head].rows if row["night"] == report.worst_night]
    return pd.DataFrame([{name: plain(value) for name, value in row.items()} for row in found])
