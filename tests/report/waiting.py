"""Three jobs, two of which waited in DPM for the end of the first."""

from __future__ import annotations

import datetime as dt

from tests.report.estate import local, session_of

NIGHT = dt.date(2025, 11, 3)


def waiting():
    """B waits for the end of A on one host, C on another."""
    rows = {"jobs": [], "phases": [], "job_nights": []}
    for name, host, begin_s, queued_s in (
        ("A", "HV01", 0, None),
        ("B", "HV01", 3601, 3601.0),
        ("C", "HV02", 3602, 3600.0),
    ):
        started = local(NIGHT, 22 * 3600 + begin_s)
        job = {"job_id": name, "vm": name, "host": host, "dpm_server": "DPM01", "outcome": "succeeded"}
        job |= {"started_at": started, "ended_at": started + dt.timedelta(hours=1), "duration_s": 3600.0}
        rows["jobs"].append(job | {"queued_s": queued_s})
        part = {"job_id": name, "vm": name, "phase": "transfer", "grade": "A", "duration_s": 3600.0}
        rows["phases"].append(part | {"started_at": started})
        rows["job_nights"].append({"job_id": name, "night": NIGHT})
    return session_of(rows)
