"""Lines that have nothing to do with a phase: other source files and tasks, stack traces, near misses.

The source files are real where dpm-formats.md proves them, else plausible; no parser may build on them.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from analytics.synth.estate import new_guid
from analytics.synth.files.errlog import Line


class Noise(NamedTuple):
    """A template; {n} is a small number, {guid} a random GUID, {hex} eight hex digits."""

    component: str
    source: str
    source_line: int
    level: str
    text: str
    has_object: bool = False


HOST_NOISE = (
    Noise(
        "03",
        "runtime.cpp",
        1376,
        "NORMAL",
        "CommandProcessor: command {n} dispatched, queue length {n}",
        True,
    ),
    Noise(
        "03",
        "runtime.cpp",
        1402,
        "NORMAL",
        "WorkItem {hex} queued; next state after CDatasetFixupSubTaskBase::BeginDataMove is 0x{hex}",
        True,
    ),
    Noise("05", "genericagent.cpp", 264, "NORMAL", "==>CGenericAgent::Heartbeat"),
    Noise("05", "genericagent.cpp", 281, "NORMAL", "<--CGenericAgent::Heartbeat"),
    Noise(
        "31",
        "vsssnapshotrequestor.cpp",
        424,
        "NORMAL",
        "CVssSnapshotRequestor: {n} component(s) selected",
        True,
    ),
    Noise("31", "csvapi.cpp", 212, "NORMAL", "ClusterPrepareSharedVolumeForBackup called, timeout {n}"),
    Noise(
        "31",
        "csvapi.cpp",
        455,
        "WARNING",
        "Failed: Hr: = [0x80070490] : ClusterClearBackupStateForSharedVolume",
    ),
    Noise(
        "36",
        "hypervwriterhelperplugin.cpp",
        702,
        "NORMAL",
        "Component {guid} has {n} file(s)\tfiltered {n}",
        True,
    ),
    Noise("32", "fileprovider.cpp", 1479, "NORMAL", "==>FileProvider::EndData", True),
    Noise("32", "fileprovider.cpp", 1479, "NORMAL", "<--FileProvider::EndData", True),
    Noise(
        "20",
        "cnetsession.cpp",
        3211,
        "NORMAL",
        'Session {hex}: {n} buffers, "window" = {n}, retries = 0',
        True,
    ),
    Noise(
        "20",
        "cnetsession.cpp",
        3390,
        "WARNING",
        "Failed: Hr: = [0x80072746] : connection {hex} was reset",
        True,
    ),
    Noise("09", "AppAssert.cs", 130, "WARNING", "value of non-nullable parameter @ServerName is null"),
)

SERVER_NOISE = (
    Noise(
        "09",
        "AppAssert.cs",
        130,
        "WARNING",
        "value of non-nullable parameter @RecoverableObjectMachineName is null",
    ),
    Noise("01", "taskdispatcher.cs", 515, "NORMAL", "Task {guid} moved from state {n} to state {n}"),
    Noise("16", "prmcatalog.cs", 900, "NORMAL", "ProcessedDatasources = {n}, elapsed {n} ms"),
    Noise(
        "16", "prmcatalog.cs", 931, "NORMAL", "sql: SELECT TaskID, JobID\tFROM tbl_TE_TaskTrail -- {n} row(s)"
    ),
    Noise(
        "09", "DpmThreadPool.cs", 163, "WARNING", "Queued work item took {n} s; <Tags><JobSchedule /></Tags>"
    ),
    Noise("58", "cataloginterface.cs", 77, "NORMAL", "==>GetCatalog( {guid} )"),
    Noise("58", "cataloginterface.cs", 93, "NORMAL", "<--GetCatalog"),
    Noise("54", "storagemanager.cs", 180, "NORMAL", "replica {guid}: no MountStorage pending"),
)

ONLINE_NOISE = (
    Noise("70", "itemcatalogupdater.cpp", 652, "NORMAL", "Uploading {n}00 RO entries"),
    Noise("32", "fileprovider.cpp", 1479, "NORMAL", "==>FileProvider::EndData", True),
    Noise("32", "fileprovider.cpp", 1479, "NORMAL", "<--FileProvider::EndData", True),
    Noise("71", "backupasync.cpp", 1021, "WARNING", "Last completed state for Ds Id {guid} is {n}", True),
    Noise("69", "AzureServiceManagementHelper.cs", 320, "NORMAL", "Import job query returned {n} row(s)"),
)

_STACK = (
    "   at System.Text.StringBuilder.AppendFormat(IFormatProvider provider, String format, Object[] args)",
    "   at System.String.Format(IFormatProvider provider, String format, Object[] args)",
    (
        "   at Microsoft.Internal.EnterpriseStorage.Dls.Trace.TraceProvider.Trace(TraceFlag flag,"
        " String fileName, Int32 fileLine, Guid* taskId, Boolean taskIdSpecified, String formatString,"
        " Object[] args)"
    ),
    "   at System.Threading.ThreadHelper.ThreadStart()",
)


class Chatter(NamedTuple):
    """What noise needs to know: the templates, how source lines are numbered, the share of stack traces."""

    templates: tuple[Noise, ...]
    source: Callable[[str, int], str]
    continuation_share: float

    def line(self, at_ms: int, pid: str, tid: str, task_id: str, rng: Random) -> Line:
        """One unrelated line; every second one belongs to another task or to none."""
        noise = rng.choice(self.templates)
        shown = task_id if rng.random() < 0.5 else rng.choice(("", new_guid(rng)))
        return Line(
            at_ms,
            pid,
            tid,
            noise.component,
            self.source(noise.source, noise.source_line),
            f"[{rng.getrandbits(26) * 16:016X}]" if noise.has_object else "",
            shown,
            noise.level,
            _fill(noise.text, rng),
            self._continuation(rng),
        )

    def _continuation(self, rng: Random) -> str:
        if rng.random() >= self.continuation_share:
            return ""
        frames = _STACK[: rng.randint(1, len(_STACK))]
        return "\r\n" + "\r\n".join(
            ("System.FormatException: Input string was not in a correct format.", *frames)
        )


def _fill(text: str, rng: Random) -> str:
    return (
        text.replace("{n}", str(rng.randrange(1, 60)))
        .replace("{hex}", f"{rng.getrandbits(32):08X}")
        .replace("{guid}", new_guid(rng))
    )
