"""vms.csv, our own inventory of virtual disks (contract.md section 3): one row per disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from analytics.formats.format import Batch, Ends, Format, Head, Reading
from analytics.formats.reading.batching import Row, in_batches
from analytics.formats.reading.csv_layout import Layout, layout_entries
from analytics.formats.reading.csv_text import header_names
from analytics.formats.reading.values import CellError, count, flag, guid, text_or_none
from analytics.sources import Source


def _checked_vm(row: Row) -> Row:
    """A disk must belong to a VM; CellError otherwise."""
    if not row.get("vm"):
        raise CellError("VMName is empty")
    return row


LAYOUT = Layout(
    "vms",
    (
        ("VMName", "vm", text_or_none),
        ("VMId", "vm_id", guid),
        ("HostName", "host", text_or_none),
        ("ClusterName", "cluster", text_or_none),
        ("VMVersion", "vm_version", text_or_none),
        ("VhdPath", "vhd_path", text_or_none),
        ("VhdFormat", "vhd_format", text_or_none),
        ("VhdType", "vhd_type", text_or_none),
        ("MaxSizeBytes", "max_size_bytes", count),
        ("FileSizeBytes", "file_size_bytes", count),
        ("PassThrough", "pass_through", flag),
    ),
    essential=("VMName", "VhdPath"),
    check=_checked_vm,
)
_NAMES = frozenset(name.casefold() for name, _, _ in LAYOUT.columns)


def _recognise(head: Head) -> bool:
    """The name of a VM with the path of its disk, or at least half of our columns."""
    names = header_names(head)
    return {"vmname", "vhdpath"} <= names or 2 * len(names & _NAMES) >= len(_NAMES)


def _read(source: Source, reading: Reading) -> Iterator[Batch]:
    """Read the rows; `collected_at` is that of the collection.json beside the file."""

    def checked_at(row: Row) -> Row:
        return _checked_vm(row | {"collected_at": reading.collected_at})

    return in_batches(layout_entries(source, reading, replace(LAYOUT, check=checked_at)))


VMS_CSV = Format(
    "vms-csv", "vms.csv of the collector", ("vms",), "contract.md 3 [V]", _recognise, _read, ends=Ends.LINE
)
