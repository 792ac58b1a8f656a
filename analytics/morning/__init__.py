"""What happens every morning without anyone: logs in, report out, archive, mail, pings; and what starts it.

`nights` says which night is due, `alone` keeps runs apart, `run` reads, judges, publishes (`publish`, `record`), mails
(`letters`, `post`) and pings (`ping`).
"""

from __future__ import annotations

from analytics.morning.nights import last_night
from analytics.morning.post import deliver, described
from analytics.morning.run import Done, Wishes, run_morning

__all__ = ["Done", "Wishes", "deliver", "described", "last_night", "run_morning"]
