"""Lets the tests here import `synth_reading`, the independent reader."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
