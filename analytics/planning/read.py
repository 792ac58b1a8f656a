"""From the relations of a session to the arrays that estimates read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from analytics.arrow import flags_of, floats_of, labels_of, wholes_of
from analytics.planning.jobs import Jobs
from analytics.sql import Ask

__all__ = ["jobs_of", "read_jobs"]

_MOMENTS = ("scheduled", "started", "asked", "granted", "snapshot", "moving", "moved", "released", "ended")
_FLAGS = ("is_guest", "is_good", "is_running", "is_full", "is_compared", "is_refused")
_GB = 1e9


def read_jobs(ask: Ask) -> Jobs:
    """The jobs of a session (its relation job_times)."""
    return jobs_of(ask("job_times"))


def jobs_of(rows: pa.Table) -> Jobs:
    """Jobs from rows of job_times, in whatever order; labels and jobs are put in the order of their names."""
    rows = rows.sort_by("job_id")
    vms, vm = labels_of(rows["vm"])
    volumes, volume = labels_of(rows["volume"])
    servers, server = labels_of(rows["dpm_server_key"])
    hosts, host = labels_of(rows["host_key"])
    moments: dict[str, Any] = {f"{name}_s": floats_of(rows[f"{name}_us"], 1e6) for name in _MOMENTS}
    flags: dict[str, Any] = {name: flags_of(rows[name]) for name in _FLAGS}
    return Jobs(
        job_id=tuple(rows["job_id"].to_pylist()),
        vms=vms,
        volumes=volumes,
        servers=servers,
        hosts=hosts,
        vm=vm,
        volume=volume,
        server=server,
        host=host,
        night=wholes_of(rows["night"]),
        vhd_gb=floats_of(rows["vhd_bytes"], _GB),
        sent_gb=floats_of(rows["bytes_transferred"], _GB),
        is_imputed=np.zeros(len(rows), dtype=bool),
        **moments,
        **flags,
    )
