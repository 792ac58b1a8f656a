"""The words of what a job does: its kind, where it runs, how it finds what has changed, and what says so."""

from __future__ import annotations

from analytics.tables.value import Kind, Value, Vocabulary

KINDS = Vocabulary(
    "kind",
    (
        Kind("express_full", "A recovery point from changed blocks, or from a comparison of all.", True),
        Kind("recovery_point", "A recovery point of what has been sent already.", True),
        Kind("initial_replica", "The first full copy.", True),
        Kind("consistency_check", "A comparison of everything with the replica.", False),
        Kind("online", "A backup to Azure.", False),
        Kind("other", "Nothing tells what it does, or no backup.", False),
    ),
)

KIND_EVIDENCE = Vocabulary(
    "kind_from",
    (
        Value("job_record", "The job record names it."),
        Value("online_lines", "The agent that backs up to Azure wrote of it."),
        Value(
            "create_pit",
            "The DPM server wrote CreatePIT for it; a first copy looks the same as an express full.",
        ),
        Value(
            "server_lines",
            "The DPM server let go of its storage and wrote no CreatePIT: inferred, as no line says so.",
        ),
        Value(
            "server_log",
            "The DPM server's log has CreatePIT of others and none for it: inferred, as no line says so.",
        ),
    ),
)

LEVELS = Vocabulary(
    "level",
    (
        Value("host", "The agent on the Hyper-V host backs the VM up as a whole."),
        Value("guest", "An agent inside the VM backs up what is in it."),
    ),
)

TRACKINGS = Vocabulary(
    "tracking",
    (
        Value("block_compare", "No tracking helps: all blocks are read and compared."),
        Value("change_tracking", "The agent's own filter knows the changed blocks."),
        Value("rct", "Hyper-V's resilient change tracking knows the changed blocks."),
        Value("unknown", "Nothing tells how changed blocks are found."),
    ),
)

TRACKING_EVIDENCE = Vocabulary(
    "tracking_from",
    (
        Value("data_source_type", "The job record names RCT."),
        Value("kind", "Checks and first copies read everything."),
        Value("level", "Agents inside a VM track."),
        Value("error", "The job before ended with an error that drops the tracking."),
        Value("event", "An event says that tracking was lost."),
        Value(
            "csv_claim", "Claims on a Cluster Shared Volume were refused, as only hosts before 2012 R2 do."
        ),
        Value("site", "The site file says so."),
        Value("era", "The configuration version of the VM says which Windows runs it."),
    ),
)
