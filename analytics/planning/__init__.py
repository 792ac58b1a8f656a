"""What the logs imply: rates, causes, predictions, guest level, what-if and plans.

Its results are derived tables like all others, computed when they are first named and kept beside the store: a session
opened here knows them by name. See analytics/planning/README.md.
"""

from __future__ import annotations

from analytics.planning.session import open_session

__all__ = ["open_session"]
