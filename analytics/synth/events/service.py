"""Events of services: VSS that starts with a session and stops when idle, and the DPM server's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from analytics.synth.estate import DOMAIN, Server, new_guid
from analytics.synth.events.failures import VSSVC_COMMAND, vss_binary
from analytics.synth.events.tale import LOWER, UPPER, Happening, Session, Tale, told
from analytics.synth.files.copies import crash_ms
from analytics.synth.files.records import data_source, failure_of
from analytics.synth.files.wording import ENGLISH
from analytics.synth.job import Job
from analytics.synth.knobs import Knobs
from analytics.synth.nights import Slot
from analytics.synth.simulate import Course

_IDLE_S = 180.0  # VSS stops three minutes after the last activity (KB 972623)
_RUNNING, _STOPPED = 4, 1
_STATES = {"en": {_RUNNING: "running", _STOPPED: "stopped"}, "ja": {_RUNNING: "実行中", _STOPPED: "停止"}}
_SERVICES = (("Volume Shadow Copy", "VSS"), ("Microsoft Software Shadow Copy Provider", "swprv"))


def tell_vss_service(
    sessions: Iterable[Session], era: str, language: str, first: str, rng: Random
) -> list[Happening]:
    """VSS starts with the first of overlapping sessions and says 8224 when all have been over for 180 s.

    `first` names the boundary before which a job's session begins. From 2016 on few 7036 are logged.
    """
    happenings: list[Happening] = []
    for group in _busy_times(sessions):
        begin, last = group[0], max(group, key=lambda session: session.end_s)
        idle_s = last.end_s + _IDLE_S
        if era != "C":
            relation = UPPER if first == "init" else LOWER
            facts = told(first, relation) if begin.job_id else told("", "")
            happenings += [
                _state(begin, begin.begin_s + 0.1 * place, service, _RUNNING, language)._replace(**facts)
                for place, service in enumerate(_SERVICES)
            ]
        stop_s = idle_s + rng.uniform(0.1, 0.45)
        facts = told(last.last, UPPER if last.last else "")
        binary = vss_binary("CORSVCC00000774", rng.randrange(200, 3000) * 4, VSSVC_COMMAND)
        happenings.append(_of(last, stop_s, "vss_8224", ("",))._replace(binary=binary, user_sid="", **facts))
        if era != "C":
            stops = ((stop_s, _SERVICES[0]), (idle_s, _SERVICES[1]))
            happenings += [
                _state(last, at_s, service, _STOPPED, language)._replace(**facts) for at_s, service in stops
            ]
    return happenings


def _busy_times(sessions: Iterable[Session]) -> Iterator[list[Session]]:
    group: list[Session] = []
    for session in sorted(sessions):
        if group and session.begin_s > max(each.end_s for each in group) + _IDLE_S:
            yield group
            group = []
        group.append(session)
    if group:
        yield group


def _of(session: Session, at_s: float, kind: str, values: tuple[object, ...]) -> Happening:
    return Happening(at_s, kind, values, session.job_id, session.vm, origin="vss_service")


def _state(session: Session, at_s: float, service: tuple[str, str], state: int, language: str) -> Happening:
    name, short = service
    text = _STATES.get(language, _STATES["en"])[state]
    binary = f"{short}/{state}\0".encode("utf-16-le")
    return _of(session, at_s, "scm_7036", (name, text))._replace(binary=binary, user_sid="", pid=620)


def tell_server(server: Server, knobs: Knobs, course: Course) -> list[Happening]:
    """Alerts of failed jobs, triggers that did not reach the engine, the engine's crash."""
    tales = [_alert(job) for job in course.jobs if job.vm.host.server is server and failure_of(job)]
    tales += [_missed(slot, knobs) for slot in course.slots if _is_missed(slot, server)]
    if knobs.crash and server.name == "DPM01":
        tales.append(_crash(crash_ms(knobs) / 1000))
    return [happening for tale in tales for happening in tale.happenings]


def _is_missed(slot: Slot, server: Server) -> bool:
    return slot.reason == "missed" and slot.vm.host.server is server


def _alert(job: Job) -> Tale:
    """DPM Alerts: 3106 the replica is inconsistent, 3114 the recovery point could not be created."""
    tale, end_s = Tale(job, origin="alert"), job.at_s("end")
    if end_s is None or job.request.kind == "online":
        return tale
    source, _, computer = data_source(job)
    inner = ENGLISH[job.failed_in]
    inconsistent = job.failed_in in ("transfer", "cancelled")
    text = (
        f"The replica of {source} on {computer} is inconsistent with the protected data source. {inner}"
        if inconsistent
        else f"Recovery point creation jobs for {source} on {computer} have been failing. {inner}"
    )
    kind = "alert_3106" if inconsistent else "alert_3114"
    tale.tell(end_s + 0.6, kind, text, boundary="end", relation=UPPER, binary=b"", user_sid="")
    return tale


def _missed(slot: Slot, knobs: Knobs) -> Tale:
    """The trigger of a slot that DPM's engine never got (KB 4456295)."""
    rng = Random(f"{knobs.seed}|missed|{slot.vm.index}|{slot.night}")
    tale, schedule = Tale(origin="missed_slot", vm=slot.vm.name), new_guid(rng).lower()
    problem = (
        "<JobTriggerFailed><__System><ID>9</ID><Seq>0</Seq><Source>TriggerJob.cs</Source><Line>76</Line>"
        "<HasError>True</HasError></__System><Tags><JobSchedule /></Tags></JobTriggerFailed>"
    )
    text = "The DPM job failed because it could not contact the DPM engine."
    tale.tell(slot.release_s + 2.0, "msdpm_976", text, problem, binary=b"", user_sid="")
    invoked = f"{slot.night} 22:00:00"
    tale.tell(
        slot.release_s + 2.5, "sqlagent_208", schedule, f"0x{rng.getrandbits(128):032X}", "Failed", invoked,
        f"The job failed. The Job was invoked by User {DOMAIN}\\dpm. The last step to run was step 1.",
        binary=b"", user_sid="",
    )  # fmt: skip
    return tale


def _crash(at_s: float) -> Tale:
    """MSDPM 999 with its Problem Details (sample 07)."""
    tale = Tale(origin="crash")
    text = "An unexpected error caused a failure for process 'msdpm'.  Restart the DPM process 'msdpm'."
    problem = (
        "<FatalServiceError><__System><ID>19</ID><Seq>6871</Seq><Source>DpmThreadPool.cs</Source><Line>163</Line>"
        "<HasError>True</HasError></__System><ExceptionType>FormatException</ExceptionType><ExceptionMessage>"
        "Input string was not in a correct format.</ExceptionMessage></FatalServiceError>"
    )
    tale.tell(at_s, "msdpm_999", text, problem, binary=b"", user_sid="")
    return tale
