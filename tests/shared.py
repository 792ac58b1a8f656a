"""Where the material lies that was collected for the tests and is not part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

# Real logs (samples/), cases (cases/) and descriptions (reference/): DPM_SHARED, else the folder beside the repository.
SHARED = Path(os.environ.get("DPM_SHARED") or Path(__file__).resolve().parents[2] / "shared")
