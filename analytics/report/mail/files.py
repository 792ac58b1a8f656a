"""What goes with the mail beside the page: the offenders as a table."""

from __future__ import annotations

import csv
import io

from analytics.harmless import harmless_cell
from analytics.report.contents import Report, plain


def offenders_csv(report: Report) -> bytes:
    """All offenders with all columns of their query, worst first; UTF-8 with BOM, as Excel reads it."""
    result = report.results["offenders"]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(result.table.column_names)
    for row in result.rows:
        cells = map(plain, row.values())
        writer.writerow([harmless_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return stream.getvalue().encode("utf-8-sig")
