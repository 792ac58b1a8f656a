"""A simulated estate that writes the real log formats with known truth; it knows nothing of the parsers."""

from __future__ import annotations

from analytics.synth.events.bulk import WrittenEvents, write_event_log
from analytics.synth.files.bulk import Written, write_errlog
from analytics.synth.knobs import KnobField, Knobs, knob_fields
from analytics.synth.truth import Boundary, Truth, TruthJob, TruthSlot
from analytics.synth.write import write_estate

__all__ = [
    "Boundary",
    "KnobField",
    "Knobs",
    "Truth",
    "TruthJob",
    "TruthSlot",
    "Written",
    "WrittenEvents",
    "knob_fields",
    "write_errlog",
    "write_estate",
    "write_event_log",
]
