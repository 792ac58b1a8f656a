"""One row per job of its errlog markers: which of several counts, how long the refusals were apart."""

from __future__ import annotations

import pytest

from tests.model.views import S, rows_of

SCOPES = {"create_pit_begin": "recovery_point", "mount_storage_begin": "storage"}


def line(marker, second, **cells):
    """One row of log_markers."""
    scope = SCOPES.get(marker, "online" if marker.startswith("online_") else "host")
    host = "HV01" if scope == "host" else "DPM01"
    us = round(second * S)
    return {"job_id": "J", "marker": marker, "scope": scope, "at": us, "us": us, "host": host} | cells


@pytest.fixture
def marks():
    """The row of job_marks of the one job, None where there is none."""

    def view(*lines):
        found = rows_of("job_marks", log_markers=list(lines))
        assert len(found) <= 1
        return found[0] if found else None

    return view


class TestMoments:
    @pytest.mark.parametrize(
        ("marker", "column", "second"),
        [
            ("initialize_snapshot", "init_us", 10),
            ("add_volume", "add_us", 20),
            ("claim_refused", "last_refusal_us", 20),
            ("provider_id", "provider_us", 20),
            ("vhd_chain", "chain_us", 10),
            ("begin_data_move", "begin_us", 10),
            ("start_backup_complete", "complete_us", 20),
            ("release_snapshot", "release_us", 20),
            ("create_pit_begin", "pit_us", 10),
            ("online_succeeded", "succeeded_us", 20),
            ("online_failed", "failed_us", 20),
        ],
    )
    def test_the_first_or_the_last_of_a_kind(self, marks, marker, column, second):
        """What begins counts from its first line, what ends to its last."""
        found = marks(line(marker, 10), line(marker, 20))

        moments = {name: us for name, us in found.items() if name.endswith("_us") and us is not None}
        moments.pop("first_us", None), moments.pop("last_us", None), moments.pop("retry_us", None)
        assert moments == {column: second * S}

    @pytest.mark.parametrize(
        ("marker", "is_host_log"),
        [
            ("initialize_snapshot", True),
            ("add_volume", True),
            ("claim_refused", True),
            ("provider_id", True),
            ("begin_data_move", True),
            ("release_snapshot", True),
            ("vhd_chain", False),
            ("start_backup_complete", False),
            ("online_succeeded", False),
            ("create_pit_begin", False),
        ],
    )
    def test_lines_that_show_a_backup_of_a_host(self, marks, marker, is_host_log):
        """A disk that is listed, or the end of the data, is not enough."""
        assert marks(line(marker, 10))["is_host_log"] is is_host_log

    def test_first_and_last_are_those_of_the_agents(self, marks):
        """The recovery point that the DPM server makes afterwards belongs to neither."""
        found = marks(
            line("create_pit_begin", 5),
            line("vhd_chain", 10),
            line("release_snapshot", 20),
            line("create_pit_begin", 30),
            line("mount_storage_begin", 40),
        )

        assert (found["first_us"], found["last_us"], found["pit_us"]) == (10 * S, 20 * S, 5 * S)
        assert (found["host"], found["server_host"], found["is_online"]) == ("HV01", "DPM01", False)

    def test_a_recovery_point_alone(self, marks):
        """It is a job of which the agent tells nothing."""
        found = marks(line("create_pit_begin", 30))

        assert (found["first_us"], found["last_us"], found["pit_us"], found["host"]) == (
            None,
            None,
            30 * S,
            None,
        )

    def test_the_storage_of_a_replica_is_no_job(self, marks):
        """Mounting a volume of the DPM server alone tells of no backup."""
        assert marks(line("mount_storage_begin", 30)) is None

    def test_online(self, marks):
        """The online agent runs on the DPM server."""
        found = marks(line("online_prebackup_begin", 1), line("online_failed", 9, detail="0x800423f4"))

        assert (found["is_online"], found["host"], found["server_host"]) == (True, None, "DPM01")
        assert (found["first_us"], found["last_us"], found["hresult"]) == (1 * S, 9 * S, "0x800423f4")

    def test_steps_of_the_online_agent(self):
        """Each step from its first beginning to its last end; other jobs have none."""
        steps = ("prebackup", "initialize", "transfer")
        rows = [
            line(f"online_{step}_{end}", second)
            for step in steps
            for end in ("begin", "end")
            for second in (1, 2)
        ]
        rows += [line("online_integrity_begin", 3), line("online_uninitialize_end", 9)]
        found = rows_of("online_marks", log_markers=[*rows, line("add_volume", 1, job_id="other")])

        assert [row.pop("job_id") for row in found] == ["J"]
        assert {name: us // S for name, us in found[0].items()} == {
            **{f"{step}_begin_us": 1 for step in steps},
            **{f"{step}_end_us": 2 for step in steps},
            "integrity_begin_us": 3,
            "uninitialize_end_us": 9,
        }


class TestClaims:
    @pytest.mark.parametrize(
        ("seconds", "retry_s"),
        [([100], None), ([100, 281], 181), ([100, 281, 461], 180.5), ([100, 281, 461, 1000], 181)],
    )
    def test_the_usual_wait_is_the_median(self, marks, seconds, retry_s):
        """One wait that is out of the way does not count, and one refusal shows no wait."""
        found = marks(*(line("claim_refused", second) for second in seconds))

        assert found["claim_refusals"] == len(seconds)
        assert found["retry_us"] == (None if retry_s is None else retry_s * S)

    @pytest.mark.parametrize(("second", "add_s"), [(99.999, 99.999), (100, 100), (100.001, 50)])
    def test_the_volume_is_added_before_the_first_refusal(self, marks, second, add_s):
        """A later AddVolumeForSnapshot is a new try, not the start of the wait."""
        found = marks(
            line("add_volume", 50),
            line("add_volume", second),
            line("claim_refused", 100),
            line("claim_refused", 280),
        )

        assert found["add_us"] == round(add_s * S)

    def test_refusals_without_a_volume_before(self, marks):
        """Then nothing tells when the wait began."""
        assert marks(line("claim_refused", 100), line("add_volume", 101))["add_us"] is None

    def test_the_volume(self, marks):
        """The first that is marked to be snapshot, else the first whose claim was refused; and all of them."""
        refused = line("claim_refused", 0, volume="R", detail="0x8007173d")
        rows = [line("add_volume", 2, volume="A"), line("add_volume", 1, volume="B"), refused]
        named = marks(*rows, line("claim_refused", 3, volume="B"), line("provider_id", 4, volume="P"))

        assert (named["volume"], named["volumes"]) == ("B", "A; B; R")
        assert (marks(refused)["volume"], marks(refused)["volumes"]) == ("R", "R")
        assert marks(refused)["hresult"] == "0x8007173d"
        assert marks(line("provider_id", 4, volume="P"))["volumes"] is None

    def test_volumes_and_their_refusals(self):
        """One row of each volume, in small letters beside the name as written."""
        refused = [line("claim_refused", second, volume="C:\\V2\\") for second in (2, 3)]
        rows = [line("add_volume", 1, volume="C:\\V1\\"), line("add_volume", 1, volume=None), *refused]
        found = rows_of("job_volumes", log_markers=rows)

        assert sorted((row["volume_key"], row["claim_refusals"]) for row in found) == [
            ("c:\\v1\\", 0),
            ("c:\\v2\\", 2),
        ]

    def test_the_provider(self, marks):
        """Kind of provider and volume stand in ProviderId alone."""
        found = marks(
            line("provider_id", 1, volume="V", detail="1"), line("vhd_chain", 2, volume="W", detail="2")
        )

        assert (found["provider_volume"], found["provider_flags"]) == ("V", "1")
