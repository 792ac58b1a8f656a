"""Small estates written job by job: what a test says of nights and VMs stands in the files word for word."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5
from weakref import finalize

from analytics.ingest import ingest
from analytics.planning import open_session
from analytics.site import Site, load_site
from analytics.sql import Session
from analytics.store import Store

MONDAY = date(2025, 2, 3)
HEADER = (
    "TaskId,JobId,JobCategory,Status,Datasource,DatasourceType,ProductionServerName,ProtectionGroupName,"
    "CreatedTime,StartTime,EndTime,DataSizeBytes,ErrorCode,DetailedErrorCode,ErrorText,DpmServer"
)


class Run(NamedTuple):
    """One job record: hours count from midnight UTC of the night's date; the window is 22 to 30 (06:00)."""

    vm: str
    night: int
    start_h: float = 22.0
    hours: float | None = 1.0
    status: str = "Succeeded"
    queued_h: float = 0.0
    host: str = "HV01"
    server: str = "DPM01"
    group: str = "VMs"
    category: str = "ShadowCopy"
    size: int = 1_000_000

    @property
    def row(self) -> str:
        """The line of jobs.csv."""
        start = moment(self.night, self.start_h)
        end = "" if self.hours is None else iso(start + timedelta(hours=self.hours))
        task = str(uuid5(NAMESPACE_OID, repr(self))).upper()
        source = f"\\Backup Using Child Partition Snapshot\\{self.vm}"
        created = iso(start - timedelta(hours=self.queued_h))
        code = "104" if self.status == "Failed" else ""
        return (
            f"{task},{task},{self.category},{self.status},{source},Microsoft Hyper-V,{self.host}.contoso.local,"
            f"{self.group},{created},{iso(start)},{end},{self.size},{code},,,{self.server}"
        )


def moment(night: int, hour: float) -> datetime:
    """A time of a night, UTC."""
    return datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=UTC) + timedelta(days=night, hours=hour)


def iso(at: datetime) -> str:
    """ISO 8601 with Z."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def day(night: int) -> date:
    """The date of a night."""
    return MONDAY + timedelta(days=night)


def nightly(vm: str, nights: Iterable[int], **fields: object) -> list[Run]:
    """One run of a VM on each of these nights."""
    return [Run(vm, night, **fields) for night in nights]


class Estate:
    """A folder of logs and the store made of it; files may be added and ingested one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store.create_or_open(folder / "store")
        self.exports = 0
        self._asked: dict[str, Session] = {}
        self._opened = ExitStack()
        finalize(self, self._opened.close)

    def add(self, runs: Iterable[Run], collected: datetime | None = None, vms: str = "") -> Estate:
        """One more export of the DPM server: its job records, and vms.csv where given."""
        self.exports += 1
        logs = self.folder / f"export{self.exports}" / "DPM01"
        logs.mkdir(parents=True)
        (logs / "jobs.csv").write_text(
            "\n".join([HEADER, *(run.row for run in runs)]) + "\n", encoding="utf-8"
        )
        facts = {"host": "DPM01", "role": "dpm-server", "time_zone": "UTC"}
        if collected:
            facts["collected_at"] = iso(collected)
        (logs / "collection.json").write_text(json.dumps(facts), encoding="utf-8")
        if vms:
            (logs / "vms.csv").write_text(vms, encoding="utf-8")
        self._opened.close()
        self._asked.clear()
        assert ingest(self.store, [logs]).exit_code == 0
        return self

    def session(self, site: str = "") -> Session:
        """A session, with a site file of this text."""
        if not site:
            return open_session(self.store, Site(), keep=False)
        path = self.folder / "site.toml"
        path.write_text(site, encoding="utf-8")
        return open_session(self.store, load_site(path), keep=False)

    def rows(self, sql: str, site: str = "") -> list[dict[str, object]]:
        """The rows that a statement gives; one session for all questions between two exports."""
        if site not in self._asked:
            self._asked[site] = self._opened.enter_context(self.session(site))
        return self._asked[site].sql(sql).to_pylist()
