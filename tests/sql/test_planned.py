"""Tables that Python computes: found by name, computed once, never stale."""

from __future__ import annotations

import pyarrow as pa
import pytest

from analytics.site import Site
from analytics.sql import Ask, Planned, open_session
from analytics.tables.table import TEXT, WHOLE, Table, columns
from tests.model.plain_estate import Estate, nightly

SITE = Site(time_zone="UTC")
COUNTED = Table(
    "counted_jobs", "one VM", columns(("vm", TEXT, "Its name."), ("jobs", WHOLE, "Its jobs.")), key=("vm",)
)
DOUBLED = Table("doubled_jobs", "one VM", COUNTED.columns, key=("vm",))


@pytest.fixture
def estate(tmp_path) -> Estate:
    """One VM, three nights."""
    return Estate(tmp_path).add(nightly("A", range(3)))


class Plans:
    """Two tables, the second computed from the first; `asked` notes what was computed."""

    def __init__(self, identity: str = "1", reads: frozenset[str] = frozenset({"jobs"})) -> None:
        self.asked: list[str] = []
        self.entries = (
            Planned(COUNTED, reads, self._counted, lambda: identity),
            Planned(DOUBLED, frozenset({"counted_jobs"}), self._doubled, lambda: identity),
        )

    def _counted(self, ask: Ask) -> pa.Table:
        self.asked.append("counted_jobs")
        found = ask("jobs").group_by("vm").aggregate([("job_id", "count")])
        return found.rename_columns(["vm", "jobs"]).select(["vm", "jobs"])

    def _doubled(self, ask: Ask) -> pa.Table:
        self.asked.append("doubled_jobs")
        return pa.table(
            {"vm": ask("counted_jobs")["vm"], "jobs": [2 * n.as_py() for n in ask("counted_jobs")["jobs"]]}
        )


def asked(estate: Estate, plans: Plans, query: str, **more: bool) -> list[dict[str, object]]:
    """The rows of a query in a session of its own."""
    with open_session(estate.store, SITE, planned=plans.entries, **more) as session:
        return session.sql(query).to_pylist()


class TestPlanned:
    def test_joined_with_views(self, estate):
        """SQL names it like any view; what stands behind is computed first."""
        rows = asked(
            estate, Plans(), "SELECT d.jobs, m.vm FROM doubled_jobs AS d JOIN machines AS m USING (vm)"
        )

        assert rows == [{"jobs": 6, "vm": "A"}]

    def test_the_second_question_computes_nothing(self, estate):
        """The next session takes the copy, and what lies before it is not asked for either."""
        assert asked(estate, Plans(), "FROM doubled_jobs") == [{"vm": "A", "jobs": 6}]
        again = Plans()

        assert asked(estate, again, "FROM doubled_jobs") == [{"vm": "A", "jobs": 6}]
        assert again.asked == []

    @pytest.mark.parametrize("change", ["logs", "code", "no copies"])
    def test_computed_again(self, estate, change):
        """More logs, other code or a session without copies."""
        asked(estate, Plans(), "FROM doubled_jobs")
        more = nightly("A", [3]) if change == "logs" else []
        again = Plans("2" if change == "code" else "1")
        estate.add(more)

        rows = asked(estate, again, "FROM doubled_jobs", keep=change != "no copies")
        assert rows == [{"vm": "A", "jobs": 8 if change == "logs" else 6}]
        assert again.asked == ["counted_jobs", "doubled_jobs"]

    def test_what_is_not_declared_cannot_be_read(self, estate):
        """Else a copy could outlive what it was computed from."""
        plans = Plans(reads=frozenset({"machines"}))

        with pytest.raises(LookupError, match="counted_jobs does not declare that it reads jobs"):
            asked(estate, plans, "FROM counted_jobs")

    def test_unasked_is_uncomputed(self, estate):
        """A query of something else leaves it alone."""
        plans = Plans()
        asked(estate, plans, "SELECT count(*) FROM jobs")

        assert plans.asked == []
