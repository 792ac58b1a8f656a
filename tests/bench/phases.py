"""Phases of many jobs by the model, against an aggregation by hand: `python -m tests.bench.phases MARKERS [kept]`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# Ten markers per job, every fifth job with three refused claims; times in milliseconds from the start of the job.
MARKERS = """
    COPY (
        WITH kinds (marker, ms, is_refusal, has_volume) AS (VALUES
            ('initialize_snapshot', 0, false, false), ('add_volume', 4000, false, true),
            ('claim_refused', 6000, true, true), ('claim_refused', 186000, true, true),
            ('claim_refused', 366000, true, true), ('provider_id', 600000, false, true),
            ('vhd_chain', 601000, false, false), ('vhd_chain', 601500, false, false),
            ('begin_data_move', 602000, false, false), ('start_backup_complete', 1100000, false, false),
            ('release_snapshot', 1105000, false, false)),
        numbered AS (SELECT range AS job, upper(md5(CAST(range AS VARCHAR))) AS hex FROM range({jobs}))
        SELECT
            left(hex, 8) || '-' || substr(hex, 9, 4) || '-4' || substr(hex, 14, 3) || '-A' || substr(hex, 18, 3) || '-'
                || right(hex, 12) AS job_id,
            marker,
            'host' AS scope,
            TIMESTAMPTZ '2025-01-01 00:00:00+00'
                + INTERVAL (job * 17000 + ms + hash(job, ms) % 900) MILLISECOND AS "at",
            epoch_us("at") AS us,
            'HV' || job % 40 AS host,
            CASE WHEN has_volume THEN 'C:\\ClusterStorage\\Volume' || job % 9 || '\\' END AS volume,
            CASE marker WHEN 'claim_refused' THEN '0x8007173d' WHEN 'provider_id' THEN '0'
                WHEN 'vhd_chain' THEN 'C:\\ClusterStorage\\Volume' || job % 9 || '\\VM' || job % 2000 || '\\disk'
                    || ms // 500 % 2 || '.vhdx' END AS detail,
            'abcdef0123456789' AS source_id,
            job * 20 + ms // 1000 AS line_no
        FROM numbered CROSS JOIN kinds
        WHERE NOT is_refusal OR job % 5 = 0
        ORDER BY job // 8, ms, job
    ) TO '{path}' (FORMAT parquet)
"""
_BY_HAND = """
    CREATE OR REPLACE TABLE {table} AS
    WITH per_job AS (
        SELECT
            job_id,
            max(host) AS host,
            min({time}) FILTER (marker = 'initialize_snapshot') AS init_at,
            max({time}) FILTER (marker = 'add_volume') AS add_at,
            max({time}) FILTER (marker = 'claim_refused') AS refused_at,
            count(*) FILTER (marker = 'claim_refused') AS refusals,
            max({time}) FILTER (marker = 'provider_id') AS provider_at,
            min({time}) FILTER (marker = 'begin_data_move') AS begin_at,
            max({time}) FILTER (marker = 'start_backup_complete') AS complete_at,
            max({time}) FILTER (marker = 'release_snapshot') AS release_at
        FROM log_markers
        GROUP BY job_id
    )
    SELECT
        job_id,
        host,
        refusals,
        {length}(add_at - init_at) AS prepare_{unit},
        {length}(refused_at + {wait} - add_at) AS claim_wait_{unit},
        {length}(provider_at - coalesce(refused_at + {wait}, add_at)) AS snapshot_{unit},
        {length}(begin_at - provider_at) AS post_snapshot_{unit},
        {length}(complete_at - begin_at) AS transfer_{unit},
        {length}(release_at - complete_at) AS release_{unit}
    FROM per_job
"""
AGGREGATION = _BY_HAND.format(
    table="by_hand", time='"at"', wait="INTERVAL 180 SECOND", length="epoch", unit="s"
)
# the same in plain BIGINT arithmetic, without instants and intervals
PLAIN = _BY_HAND.format(table="by_hand_plain", time="us", wait="180000000", length="", unit="us")


def measure_apart(folder: Path, jobs: int, rounds: int, *, keeps: bool = False) -> list[dict[str, Any]]:
    """Each round in a process of its own; the floor is measured before and after the model, the mean counts.

    `keeps`: as a user's session, which reads the markers from Parquet and keeps copies of its tables; else all of it
    is in memory.
    """
    path = folder / f"markers-{jobs}.parquet"
    if not path.exists():
        import duckdb

        duckdb.connect().execute(MARKERS.format(jobs=jobs, path=path.as_posix()))
    runs = []
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.phases", str(path), *(["kept"] if keeps else [])],
            env={**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"},  # as the commands have it
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        print(f"phases: {done.stdout.strip()}", file=sys.stderr)
        runs.append(json.loads(done.stdout))
    return runs


def main(path: Path, keeps: bool) -> None:
    """Compute the phases of all jobs from their markers, and print seconds and peak bytes."""
    from analytics.sql import open_session
    from analytics.store import Store
    from tests.bench.one import peak_bytes

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        session = open_session(Store.create_or_open(Path(folder) / "store"), confined=False, keep=False)
        connection = session.engine.connection
        session.keeps = keeps
        kind = "VIEW" if keeps else "TABLE"
        connection.execute("DROP TABLE IF EXISTS log_markers")
        connection.execute(f"CREATE {kind} log_markers AS FROM read_parquet('{path.as_posix()}')")
        session.present.add("log_markers")
        floor = [_seconds(connection, AGGREGATION)]
        parts = {}
        for name in ("job_marks", "log_matches", "job_base", "boundaries", "phases"):
            begin = time.process_time()
            session.sql(f"SELECT count(*) FROM {name}")
            parts[name] = time.process_time() - begin
        floor.append(_seconds(connection, AGGREGATION))
        plain_s = _seconds(connection, PLAIN)
        _check(session)
    figures = {
        "floor_s": sum(floor) / 2,
        "floors": floor,
        "plain_s": plain_s,
        "model_s": sum(parts.values()),
        "parts": parts,
    }
    print(json.dumps({**figures, "peak_bytes": peak_bytes()}))


def _seconds(connection: Any, statement: str) -> float:
    begin = time.process_time()
    connection.execute(statement)
    return time.process_time() - begin


def _check(session: Any) -> None:
    """Both ways agree on the transfer of every job."""
    wrong = session.engine.connection.execute(
        "SELECT count(*) FROM by_hand AS h LEFT JOIN phases AS p ON p.job_id = h.job_id AND p.phase = 'transfer'"
        " WHERE p.duration_s IS NULL OR abs(p.duration_s - h.transfer_s) > 0.0005"
    ).fetchall()[0][0]
    if wrong:
        raise AssertionError(f"{wrong} jobs whose transfer differs")


if __name__ == "__main__":
    main(Path(sys.argv[1]), keeps="kept" in sys.argv[2:])
