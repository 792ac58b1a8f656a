"""Raw tables: one row per record that was read, lossless. Their Parquet files are the store."""

from __future__ import annotations

from analytics.tables import vocabulary as words
from analytics.tables.table import FLAG, INSTANT, SECONDS, SMALL, TEXT, WHOLE, Table, columns

HOST_KEY = "The host in small letters without its domain: what hosts are compared and joined by."

_SOURCES = Table(
    "sources",
    "one file, archive member or stream that was read",
    columns(
        ("source_id", TEXT, "Fingerprint of the content (16 hex digits); the same content has the same id."),
        ("path", TEXT, "Where it was read; members of archives as archive.zip!member."),
        ("format", TEXT, "Name of the log format, or 'unknown'."),
        ("kind", TEXT, "What it holds, NULL for an unknown format", words.SOURCE_KINDS),
        (
            "service",
            TEXT,
            "Service of DPM that wrote an errlog, by the file's name or what find wrote, or NULL",
            words.SERVICES,
        ),
        ("host", TEXT, "Computer the log belongs to, NULL where unknown."),
        ("host_from", TEXT, "How the host was found, NULL where it was not", words.HOST_EVIDENCE),
        ("host_key", TEXT, HOST_KEY),
        ("sha256", TEXT, "SHA-256 of the whole (decompressed) content."),
        ("size_bytes", WHOLE, "Size of the (decompressed) content."),
        ("modified_at", INSTANT, "Time of last modification that the file system or archive states."),
        ("encoding", TEXT, "Text encoding that was detected or set."),
        (
            "year_from",
            TEXT,
            "How the year of the records was found, NULL where they state it",
            words.YEAR_EVIDENCE,
        ),
        ("records_read", WHOLE, "Records found: stored + duplicate + rejected, always."),
        ("records_stored", WHOLE, "Records written to the raw tables."),
        ("records_duplicate", WHOLE, "Records that the store held already."),
        ("records_rejected", WHOLE, "Records that could not be read; each has a row in rejects."),
        (
            "records_filtered",
            WHOLE,
            "Well-formed records left out on request (--trace markers); not part of records_read.",
        ),
        ("first_at", INSTANT, "Time of the earliest record."),
        ("last_at", INSTANT, "Time of the latest record."),
        ("parser_version", TEXT, "Version of dpm-analytics that read it."),
        ("read_at", INSTANT, "When it was read."),
    ),
    question="Which files were read, and what became of their records?",
    key=("source_id",),
)

_TRACE = Table(
    "trace",
    "one record of a DPM errlog",
    columns(
        ("source_id", TEXT, "The source it was read from."),
        ("line_no", WHOLE, "Line in the source, from 1."),
        ("host", TEXT, "Computer that wrote it, NULL where unknown."),
        ("host_from", TEXT, "How the host was found", words.HOST_EVIDENCE),
        ("host_key", TEXT, HOST_KEY),
        ("at", INSTANT, "Time of the record; errlogs carry UTC without a year (dpm-formats 1.4)."),
        ("pid", TEXT, "Process id, hexadecimal as written."),
        ("tid", TEXT, "Thread id, hexadecimal as written."),
        ("component", TEXT, "Component code, opaque."),
        ("file", TEXT, "Source file of the product that wrote the record, as written."),
        ("file_line", SMALL, "Line in that source file; differs between builds."),
        ("object", TEXT, "Object pointer, 16 hexadecimal digits without brackets."),
        ("task_id", TEXT, "DPM's task GUID, upper case without braces."),
        ("level", TEXT, "NORMAL, WARNING, FATAL, CRITICAL, ..."),
        ("message", TEXT, "Rest of the record; continuation lines joined with line feeds."),
    ),
    time="at",
    question="What did the DPM services write, when, and on which computer?",
    key=("source_id", "line_no"),
    floor="1_records",
)

_EVENTS = Table(
    "events",
    "one Windows event",
    columns(
        ("source_id", TEXT, "The source it was read from."),
        ("record_no", WHOLE, "Position of the record in the source, from 1."),
        ("host", TEXT, "Computer that wrote it."),
        ("host_key", TEXT, HOST_KEY),
        ("channel", TEXT, "Log name, such as Application or Microsoft-Windows-VHDMP-Operational."),
        ("event_provider", TEXT, "Provider (source) of the event."),
        ("event_id", SMALL, "Event id; only unique together with provider and channel."),
        ("version", SMALL, "Version of the event's definition."),
        ("level", SMALL, "1 critical, 2 error, 3 warning, 4 information, 0 always."),
        ("record_id", WHOLE, "EventRecordID in its channel."),
        ("at", INSTANT, "Time created."),
        ("data", TEXT, "Payload as JSON: field name or position -> value."),
        ("message", TEXT, "Rendered text where the export has it."),
    ),
    time="at",
    question="What did Windows log, when, and on which computer?",
    key=("source_id", "record_no"),
)

_JOB_RECORDS = Table(
    "job_records",
    "one DPM job record, alert or error text as read",
    columns(
        ("source_id", TEXT, "The source it was read from."),
        ("record_no", WHOLE, "Line (or row) of the source where the record begins, from 1."),
        ("record_kind", TEXT, "What the record is about", words.RECORD_KINDS),
        ("task_id", TEXT, "DPM's task GUID, upper case without braces; joins with trace."),
        ("dpm_job_id", TEXT, "DPM's job GUID, upper case; one job may have several tasks."),
        ("category", TEXT, "Get-DPMJob category, console type, job type GUID or operation, as read."),
        ("status", TEXT, "Status as read."),
        ("data_source", TEXT, "Data source as read, such as \\Backup Using Child Partition Snapshot\\VM01."),
        (
            "data_source_type",
            TEXT,
            "Data source type as read, such as Microsoft Hyper-V or Microsoft Hyper-V RCT.",
        ),
        ("production_server", TEXT, "Protected computer as read."),
        ("production_server_key", TEXT, "Its name in small letters without its domain: compares and joins."),
        ("protection_group", TEXT, "Protection group."),
        ("dpm_server", TEXT, "DPM server that ran the job."),
        ("dpm_server_key", TEXT, "Its name in small letters without its domain: compares and joins."),
        ("created_at", INSTANT, "When DPM created the task."),
        ("started_at", INSTANT, "When the task started, NULL while it has not."),
        ("ended_at", INSTANT, "When the task ended, NULL while it runs."),
        ("duration_s", SECONDS, "Elapsed time as stated by the record, seconds."),
        ("bytes_transferred", WHOLE, "Bytes sent to the DPM server, NULL where not stated."),
        ("error_code", WHOLE, "DPM error id, NULL for none."),
        ("hresult", TEXT, "Detailed error as 0x and eight lower-case hexadecimal digits, NULL for none."),
        ("error_text", TEXT, "Error text as read, often localised."),
        ("is_online", FLAG, "True for jobs to Azure (online protection), NULL where not stated."),
    ),
    question="What do DPM's own job records say?",
    key=("source_id", "record_no"),
)

_VMS = Table(
    "vms",
    "one virtual disk of one VM at one time of collection",
    columns(
        ("source_id", TEXT, "The source it was read from."),
        ("record_no", WHOLE, "Line of the source, from 1."),
        ("collected_at", INSTANT, "When the inventory was taken, NULL where unknown."),
        ("vm", TEXT, "Name of the VM."),
        ("vm_id", TEXT, "GUID of the VM, upper case without braces."),
        ("host", TEXT, "Hyper-V host that ran it."),
        ("host_key", TEXT, HOST_KEY),
        ("cluster", TEXT, "Failover cluster, NULL for a stand-alone host."),
        ("vm_version", TEXT, "VM configuration version, such as 8.0; RCT needs 6.2 or later."),
        ("vhd_path", TEXT, "Path of the virtual disk on the host."),
        ("vhd_format", TEXT, "VHD or VHDX."),
        ("vhd_type", TEXT, "Fixed, Dynamic or Differencing."),
        ("max_size_bytes", WHOLE, "Size that the guest sees."),
        ("file_size_bytes", WHOLE, "Size of the file on the host: what a block compare reads."),
        ("pass_through", FLAG, "True for a pass-through disk, which host-level backup cannot take."),
    ),
    question="Which virtual disks has which VM?",
    key=("source_id", "record_no"),
)

_VSS_WRITERS = Table(
    "vss_writers",
    "one VSS writer as vssadmin listed it",
    columns(
        ("source_id", TEXT, "The source it was read from."),
        ("record_no", WHOLE, "Line of its name, from 1."),
        ("collected_at", INSTANT, "When it was listed, NULL where unknown."),
        ("host", TEXT, "Computer it ran on, NULL where unknown."),
        ("host_key", TEXT, HOST_KEY),
        ("host_from", TEXT, "How the host was found", words.HOST_EVIDENCE),
        ("writer_name", TEXT, "Name of the writer; Microsoft's are not translated."),
        ("writer_id", TEXT, "GUID of the writer, upper case without braces."),
        ("instance_id", TEXT, "GUID of this instance of it."),
        ("state", SMALL, "VSS_WRITER_STATE: 1 stable, 2 to 5 in a backup, 6 to 15 failed."),
        ("state_text", TEXT, "The state as written, often localised."),
        ("last_error", TEXT, "The last error as written, often localised."),
    ),
    question="In which state was which VSS writer?",
    key=("source_id", "record_no"),
)

_REJECTS = Table(
    "rejects",
    "one record (or file) that could not be read",
    columns(
        ("source_id", TEXT, "The source it was read from, NULL where the source could not be opened."),
        ("path", TEXT, "Where it was read."),
        ("line_no", WHOLE, "Line in the source, from 1; NULL for binary records and whole files."),
        ("record_no", WHOLE, "Record in the source, from 1; NULL for text."),
        ("byte_offset", WHOLE, "Where it begins in the (decompressed) source."),
        ("reason", TEXT, "What is wrong, and what would be right."),
        ("excerpt", TEXT, "First 200 characters of what was found."),
    ),
    question="What could not be read, and why?",
)

_COLLECTIONS = Table(
    "collections",
    "one collection.json: the machine that the files beside it come from",
    columns(
        ("source_id", TEXT, "The source it was read from."),
        ("host", TEXT, "Computer the files come from."),
        ("role", TEXT, "What the computer is", words.COMPUTER_ROLES),
        ("collected_at", INSTANT, "When the files were gathered."),
        ("time_zone", TEXT, "IANA name of the computer's time zone."),
    ),
    question="Which computer do the files of a folder come from, and in which time zone does it stand?",
    key=("source_id",),
)

RAW = (_SOURCES, _TRACE, _EVENTS, _JOB_RECORDS, _VMS, _VSS_WRITERS, _REJECTS, _COLLECTIONS)

# Columns that ingest writes beside the computer's name that they are the key of; stores of older versions lack them.
HOST_KEYS: dict[str, dict[str, str]] = {
    "sources": {"host_key": "host"},
    "trace": {"host_key": "host"},
    "events": {"host_key": "host"},
    "job_records": {"production_server_key": "production_server", "dpm_server_key": "dpm_server"},
    "vms": {"host_key": "host"},
    "vss_writers": {"host_key": "host"},
}
