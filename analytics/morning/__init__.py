"""What happens every morning without anyone: logs in, report out, archive, mail, pings; and what starts it."""

from __future__ import annotations

from analytics.morning.post import deliver, described

__all__ = ["deliver", "described"]
