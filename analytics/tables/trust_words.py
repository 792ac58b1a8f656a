"""The words of how far the answers can be trusted: what is checked, what came of it, what would mend it."""

from __future__ import annotations

from analytics.tables.value import Check, Finding, Value, Vocabulary

__all__ = ["TRUST_FINDINGS"]

ZONE_EVIDENCE = Vocabulary(
    "zone_from",
    (
        Value("site", "The site file or the command line names it."),
        Value("collection", "collection.json names it, and all of them the same one."),
        Value("collections_differ", "Files collection.json name several; one was taken."),
        Value("assumed", "Nothing names it: UTC is assumed."),
    ),
)

INGEST_STATES = Vocabulary(
    "last_ingest",
    (
        Value("ingest_completed", "The last ingest came to its end."),
        Value("ingest_ended_early", "It was killed or ended in an error: records may be missing."),
        Value("ingest_running", "An ingest runs: what it brings is not here yet."),
        Value("ingest_not_noted", "No ingest is noted: an older version wrote the store."),
    ),
)

CLOCK_EVIDENCE = Vocabulary(
    "told_by",
    (
        Value("job_records", "All that a host wrote of a job lies within its record."),
        Value("guest_events", "The work of VSS in a guest lies within that on its host."),
        Value("host_events", "The snapshot in the events of a host lies within that in its errlog."),
    ),
)

# What the store holds, then what its logs cover, then their clocks.
TRUST_CHECKS = Vocabulary(
    "check",
    (
        Check("time_zone", "The site's time zone is known, so the backup window lies where it should.", 1),
        Check("ingest_complete", "The last ingest came to its end.", 2),
        Check("store_intact", "Every record that was ever stored is there.", 3),
        Check("job_records", "Job records cover every night of every DPM server.", 4),
        Check("rejects", "What was given could be read.", 5),
        Check("host_logs", "Every host that ran jobs gave the log of its agent.", 6),
        Check("inventory", "Every host that ran jobs gave the list of its VMs.", 7),
        Check("clocks_host", "The clocks of hosts and DPM servers agree.", 8),
        Check("clocks_guest", "The clocks of guests and hosts agree.", 9),
        Check("unaccounted", "The logs show where the time of the jobs went.", 10),
        Check("freshness", "The newest night has evidence.", 11),
        Check("site_file", "What the site file names is known.", 12),
    ),
)

TRUST_STATUSES = Vocabulary(
    "status",
    (
        Value("ok", "It holds."),
        Value("warn", "Something is missing; what was kept and what was missed stands."),
        Value("fail", "What was kept and what was missed may be wrong."),
    ),
)

TRUST_REMEDIES = Vocabulary(
    "remedy",
    (
        Value("name_zone", "Name the zone: site file, command line or collection.json."),
        Value("ingest_again", "Run the ingest again."),
        Value("wait_for_ingest", "Wait until the ingest has ended."),
        Value("read_again", "Read the sources again that lost records."),
        Value("collect_job_records", "Collect job records of the nights and servers."),
        Value("look_at_rejects", "See what could not be read."),
        Value("collect_host_logs", "Collect the agent's errlogs of the hosts."),
        Value("collect_inventory", "Collect vms.csv of the hosts."),
        Value("see_unaccounted", "See which jobs it is."),
        Value("set_clocks", "Set the clocks by one source of time."),
        Value("collect_newest", "Collect the logs of the newest nights."),
        Value("look_at_site_file", "See which entries of the site file fit nothing."),
    ),
)

TRUST_FINDINGS = Vocabulary(
    "detail",
    (
        Finding("zone_known", "The zone is known.", "time_zone", "ok"),
        Finding(
            "zones_differ", "Computers name several zones; one was taken.", "time_zone", "warn", "name_zone"
        ),
        Finding("zone_assumed", "Nothing names the zone: UTC is assumed.", "time_zone", "fail", "name_zone"),
        Finding("ingest_completed", "It came to its end.", "ingest_complete", "ok"),
        Finding("ingest_not_noted", "Nobody noted its end.", "ingest_complete", "warn", "ingest_again"),
        Finding("ingest_running", "It is under way.", "ingest_complete", "fail", "wait_for_ingest"),
        Finding("ingest_ended_early", "It was killed or failed.", "ingest_complete", "fail", "ingest_again"),
        Finding("all_there", "No part is missing or changed, and nothing was lost.", "store_intact", "ok"),
        Finding("records_doubtful", "Found sources may lack records.", "store_intact", "warn", "read_again"),
        Finding("records_lost", "Found records were lost.", "store_intact", "fail", "read_again"),
        Finding("records_cover", "Each night of each DPM server has its records.", "job_records", "ok"),
        Finding(
            "no_job", "No job is known, so nothing is to be covered.", "job_records", "ok", is_empty=True
        ),
        Finding(
            "only_host_logs",
            "Found jobs are known from logs of hosts alone: which of them were backups is not known.",
            "job_records",
            "fail",
            "collect_job_records",
            rank=0,
        ),
        Finding(
            "nights_without_records",
            "Found nights of DPM servers, of total, lack them.",
            "job_records",
            "fail",
            "collect_job_records",
            rank=2,
        ),
        Finding(
            "jobs_without_record",
            "Found jobs in logs, of total, have none: their DPM server gave none.",
            "job_records",
            "fail",
            "collect_job_records",
        ),
        Finding(
            "records_undated",
            "Found backups have records that do not say when DPM created them: waiting in its queue is not seen.",
            "job_records",
            "warn",
            "collect_job_records",
        ),
        Finding("all_read", "Every record could be read.", "rejects", "ok"),
        Finding("files_unknown", "Found files are in no known format.", "rejects", "warn", "look_at_rejects"),
        Finding(
            "few_rejected", "Found records of total were not read.", "rejects", "warn", "look_at_rejects"
        ),
        Finding(
            "many_rejected",
            "Found records of total were not read: one of a hundred, or more, of one kind.",
            "rejects",
            "fail",
            "look_at_rejects",
        ),
        Finding("files_damaged", "Found files of total are damaged.", "rejects", "fail", "look_at_rejects"),
        Finding("hosts_logged", "Each host has a log of each night with jobs.", "host_logs", "ok"),
        Finding(
            "logs_missing",
            "Found nights of hosts, of total with jobs, lack the agent's log, or its beginning.",
            "host_logs",
            "warn",
            "collect_host_logs",
        ),
        Finding("hosts_listed", "Each host that ran jobs gave its list.", "inventory", "ok"),
        Finding(
            "hosts_not_listed", "Found hosts of total did not.", "inventory", "warn", "collect_inventory"
        ),
        Finding("clocks_agree", "No difference is proven.", "clocks_host", "ok"),
        Finding(
            "clocks_not_compared", "Nothing was written by both clocks.", "clocks_host", "ok", is_empty=True
        ),
        Finding(
            "clocks_differ", "They differ on found host-nights.", "clocks_host", "warn", "set_clocks", rank=2
        ),
        Finding("clocks_jumped", "They were set on found host-nights.", "clocks_host", "warn", "set_clocks"),
        Finding(
            "clocks_far_apart",
            "They differ on found host-nights by so much that jobs may be mistaken for others.",
            "clocks_host",
            "fail",
            "set_clocks",
        ),
        Finding("guests_agree", "No difference is proven.", "clocks_guest", "ok"),
        Finding(
            "guests_not_compared",
            "No events of a guest belong to a job.",
            "clocks_guest",
            "ok",
            is_empty=True,
        ),
        Finding(
            "guests_differ", "They differ on found nights.", "clocks_guest", "warn", "set_clocks", rank=2
        ),
        Finding("guests_jumped", "They were set meanwhile.", "clocks_guest", "warn", "set_clocks"),
        Finding("time_told", "At most a twentieth of it belongs to no phase.", "unaccounted", "ok"),
        Finding(
            "time_untold",
            "Found seconds of total belong to no phase.",
            "unaccounted",
            "warn",
            "see_unaccounted",
            least_share=0.05,
        ),
        Finding("evidence_new", "The newest night has evidence.", "freshness", "ok"),
        Finding(
            "nights_without_evidence",
            "Found nights at the end, of total, have no log or record.",
            "freshness",
            "warn",
            "collect_newest",
        ),
        Finding("site_fits", "Each entry fits a VM or group.", "site_file", "ok"),
        Finding(
            "site_doubtful",
            "Found entries fit no VM, group or time.",
            "site_file",
            "warn",
            "look_at_site_file",
        ),
        Finding(
            "evidence_old",
            "The newest is older than two days.",
            "freshness",
            "warn",
            "collect_newest",
            rank=2,
        ),
    ),
)
