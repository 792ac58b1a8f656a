"""What starts the daily run: a task of Windows, a systemd timer, or a line of cron."""

from __future__ import annotations

from analytics.morning.schedule.plan import plan_of
from analytics.morning.schedule.steps import steps_of, take

__all__ = ["plan_of", "steps_of", "take"]
