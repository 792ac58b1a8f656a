"""`python -m analytics` is the command dpm-analytics."""

from __future__ import annotations

import sys

from analytics.cli import main

if __name__ == "__main__":
    sys.exit(main())
