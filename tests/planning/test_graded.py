"""Each reason of a grade just at its limit and just beyond it, on rows written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.planning.correlated import Spreads
from analytics.planning.grades import graded, ungraded
from analytics.planning.law import Fit, Layout
from analytics.planning.sample import Sample
from tests.planning.hand import hand_sample
from tests.planning.plain_jobs import plain_jobs

# overhead 100 s and a second per GB, so that sizes are seen in times
SIZES = 100 * 1.5 ** np.arange(8)


def rows_of(
    first: int, vms: int = 8, nights: int = 14, *, sizes: np.ndarray = SIZES
) -> dict[str, np.ndarray]:
    """So many rows on the first volume, VMs and nights in turn; eight VMs on the second show that sizes count."""
    place = np.arange(first + 80)
    is_first = place < first
    turn = np.where(is_first, place, place - first)
    vm = np.where(is_first, turn % vms, 8 + turn % 8)
    vhd_gb = np.where(is_first, np.resize(sizes, 8)[turn % vms], SIZES[turn % 8])
    return {
        "vm": vm,
        "volume": np.where(is_first, 0, 1),
        "night": np.where(is_first, turn % nights, turn % 20),
        "vhd_gb": vhd_gb,
        "sent_gb": vhd_gb / 10,
        "log_s": np.log(100 + vhd_gb),
        "volume_load": np.where(turn % 2 == 0, 0.0, 2.0),
        "server_load": np.where(turn % 2 == 0, 0.0, 2.0),
    }


def fit_of(sample: Sample, layout: Layout, spread: np.ndarray | None = None) -> Fit:
    """Rates as written above, known as well as `spread` (a variance for each) says."""
    rates = np.zeros(layout.size)
    scan, sent, _, _ = layout.places()
    rates[0], rates[scan], rates[sent] = 100.0, 1.0, 4.0
    variance = np.full(layout.size, 1e-6) if spread is None else spread
    none = np.zeros(len(sample))
    return Fit(rates, none, none, Spreads(0.1, 0.1, 0.0), np.diag(1 / variance), np.full(layout.size, 1e3))


def judged(
    given: dict[str, np.ndarray], *, changed_at: int = -1, spread: np.ndarray | None = None, **more: object
):
    """Grades of both volumes."""
    sample = hand_sample(len(given["vm"]), **(given | more))
    layout = Layout(sample.volumes, sample.servers)
    jobs = plain_jobs(sample.vm, volume=sample.volume, started_s=np.zeros(len(sample)))
    return graded(
        jobs,
        sample,
        layout,
        fit_of(sample, layout, spread),
        np.array([changed_at, -1]),
        np.zeros(sample.vms, bool),
    )


def first(found: object) -> tuple[str, str]:
    """Grade and reason of the first volume."""
    return found.grade[0], found.reason[0]  # type: ignore[attr-defined]


class TestReasons:
    @pytest.mark.parametrize(
        ("rows", "expected"),
        [
            ({"first": 2}, ("D", "too_few_jobs")),
            ({"first": 3}, ("C", "few_jobs")),
            ({"first": 7}, ("C", "few_jobs")),
            ({"first": 8}, ("B", "own_fit")),
            ({"first": 42, "nights": 6}, ("C", "few_nights")),
            ({"first": 42, "nights": 7}, ("B", "own_fit")),
            ({"first": 42, "vms": 1}, ("C", "one_vm")),
            ({"first": 42, "vms": 2}, ("C", "few_vms")),
            ({"first": 42, "vms": 3}, ("A", "own_fit")),
            ({"first": 29, "vms": 7}, ("B", "own_fit")),
            ({"first": 30, "vms": 7}, ("A", "own_fit")),
            ({"first": 39, "nights": 13}, ("B", "own_fit")),
            ({"first": 42, "vms": 3, "sizes": np.array([100, 102, 109.9])}, ("C", "equal_sizes")),
            ({"first": 42, "vms": 3, "sizes": np.array([100, 102, 110.1])}, ("C", "similar_sizes")),
            ({"first": 42, "vms": 3, "sizes": np.array([100, 150, 199.9])}, ("C", "similar_sizes")),
            ({"first": 42, "vms": 3, "sizes": np.array([100, 150, 200])}, ("A", "own_fit")),
        ],
    )
    def test_rows(self, rows, expected):
        """How many jobs, nights, VMs and sizes there are; the second volume is A throughout."""
        found = judged(rows_of(**rows))

        assert first(found) == expected
        assert (found.grade[1], found.reason[1]) == ("A", "own_fit")

    @pytest.mark.parametrize(("ended", "expected"), [(7, ("D", "too_few_jobs")), (8, ("B", "own_fit"))])
    def test_few_that_ended_anywhere(self, ended, expected):
        """Eight data moves that ended, on all volumes together, are the least that a fit rests on."""
        given = rows_of(8)
        is_open = np.arange(88) >= ended
        is_open[:3] = False

        assert first(judged(given, is_open=is_open))[1] in {expected[1], "few_jobs"}
        assert (first(judged(given, is_open=is_open))[0] == "D") == (expected[0] == "D")

    def test_open_ones_are_no_jobs(self):
        """A volume of which no data move ended has none."""
        given = rows_of(40)

        assert first(judged(given, is_open=np.arange(120) < 40)) == ("D", "no_sizes")

    def test_no_changed_data(self):
        """Bytes that were seen, and above 0, on one job at least."""
        given = rows_of(42)
        seen = np.arange(122) >= 42
        nothing = np.where(seen, given["sent_gb"], 0.0)
        one = np.where(np.arange(122) == 5, 7.0, nothing)

        assert first(judged(given, is_sent_seen=seen)) == ("C", "no_changed_data")
        assert first(judged(given, sent_gb=nothing, is_sent_seen=np.ones(122, bool))) == (
            "C",
            "no_changed_data",
        )
        assert first(judged(given, sent_gb=one, is_sent_seen=np.ones(122, bool))) == ("A", "own_fit")

    @pytest.mark.parametrize(("imputed", "expected"), [(12, "own_fit"), (13, "imputed")])
    def test_imputed(self, imputed, expected):
        """More than three of ten data moves of which a moment was put in."""
        assert first(judged(rows_of(40), is_imputed=np.arange(120) < imputed))[1] == expected

    @pytest.mark.parametrize(
        ("nights", "changed_at", "reason"), [(28, 14, "own_fit"), (28, 15, "environment_changed")]
    )
    def test_environment_changed(self, nights, changed_at, reason):
        """Fourteen nights of the new level are enough."""
        assert first(judged(rows_of(84, nights=nights), changed_at=changed_at))[1] == reason

    @pytest.mark.parametrize(
        ("on_volume", "on_server", "expected"),
        [
            (0.09, 0.09, ("C", "never_overlap")),
            (0.09, 0.11, ("B", "never_overlap")),
            (0.11, 0.09, ("A", "own_fit")),
            (0.11, 0.11, ("A", "own_fit")),
        ],
    )
    def test_never_together(self, on_volume, on_server, expected):
        """Nine of ten jobs meet less than a tenth of another one."""
        given = rows_of(40)
        place = np.arange(120)
        loads = {
            "volume_load": np.where(place < 40, on_volume, given["volume_load"]),
            "server_load": np.where(place < 40, on_server, given["server_load"]),
        }

        assert first(judged(given, **loads)) == expected

    @pytest.mark.parametrize(
        ("low", "high", "reason"),
        [(0.95, 1.7, "always_overlap"), (0.95, 1.8, "own_fit"), (0.85, 1.6, "own_fit")],
    )
    def test_always_together(self, low, high, reason):
        """Always as many others, never alone: contention shows where loads differ by 0.8."""
        given = rows_of(40)
        load = np.where(
            np.arange(120) < 40, np.where(np.arange(120) % 2 == 0, low, high), given["volume_load"]
        )

        assert first(judged(given, volume_load=load))[1] == reason


class TestSizes:
    def test_against_the_order(self):
        """Where the greatest disks are the fastest, sizes explain nothing, on no volume."""
        given = rows_of(42)
        found = judged(given, log_s=-given["log_s"])

        assert set(zip(found.grade, found.reason, strict=True)) == {("D", "sizes_do_not_fit")}
        assert not (found.is_scan_known | found.is_sent_known).any()

    @pytest.mark.parametrize(("vms", "reason"), [(5, "own_fit"), (6, "sizes_do_not_fit")])
    def test_one_volume_against_it(self, vms, reason):
        """Six VMs in the wrong order are enough to say so of their volume; five may be chance."""
        given = rows_of(60, vms=vms)
        small = np.where(given["volume"] == 0, -0.01 * np.log(given["vhd_gb"]), given["log_s"])

        assert first(judged(given, log_s=small))[1] == reason

    def test_few_vms_say_nothing(self):
        """Of three VMs and two no order stands out against those by chance."""
        given = {name: values[:70] for name, values in rows_of(42, vms=3).items()}
        given["vm"] = np.where(given["volume"] == 1, 8 + given["vm"] % 2, given["vm"])
        given["vhd_gb"] = np.where(given["volume"] == 1, SIZES[given["vm"] % 2], given["vhd_gb"])

        assert "sizes_do_not_fit" not in judged(given, log_s=-np.log(given["vhd_gb"])).reason


class TestToldApart:
    @pytest.mark.parametrize(("error_s", "is_known"), [(99.0, True), (101.0, False)])
    def test_overhead(self, error_s, is_known):
        """Its error by a tenth of the typical time alone: here 1,000 s."""
        given = rows_of(42, vms=3, sizes=np.array([400, 900, 1800]))
        spread = np.full(8, 1e-9)
        spread[0] = error_s**2
        found = judged(given, sent_gb=np.where(given["volume"] == 0, 1e-12, 1.0), spread=spread)

        assert found.is_scan_known[0] == is_known

    @pytest.mark.parametrize(
        ("scan_sd", "sent_sd", "is_known"),
        [(0.29, 0.0, True), (0.31, 0.0, False), (0.0, 1.19, True), (0.0, 1.21, False), (0.22, 0.88, False)],
    )
    def test_changed_data(self, scan_sd, sent_sd, is_known):
        """The error of sent by scan, of 1 and 4 s per GB here, is below 0.3 of it."""
        given = rows_of(42)
        spread = np.full(8, 1e-9)
        spread[1], spread[3] = scan_sd**2 + 1e-9, sent_sd**2 + 1e-9

        assert judged(given, spread=spread).is_sent_known[0] == is_known

    @pytest.mark.parametrize(("place", "is_known"), [(-1, True), (4, True), (1, False)])
    def test_contention_that_no_row_shows(self, place, is_known):
        """Of contention, and of p, what is thought beforehand counts; of what reading costs it does not."""
        given = rows_of(42)
        sample = hand_sample(len(given["vm"]), **given)
        layout = Layout(2, 1)
        information = np.eye(layout.size) * 1e9
        # overhead and this rate are known together only: their sum
        information[np.ix_([0, place], [0, place])] = 1.0
        found = replace(fit_of(sample, layout), information=information, scale=np.full(layout.size, 1.0))
        jobs = plain_jobs(sample.vm, volume=sample.volume, started_s=np.zeros(len(sample)))

        assert (
            graded(jobs, sample, layout, found, np.array([-1, -1]), np.zeros(sample.vms, bool)).is_scan_known[
                0
            ]
            == is_known
        )

    def test_errors_that_go_together(self):
        """Where both are off by the same share, their ratio is known all the same."""
        given = rows_of(42)
        sample = hand_sample(len(given["vm"]), **given)
        layout = Layout(2, 1)
        variance = np.eye(layout.size) * 1e-9
        variance[np.ix_([1, 3], [1, 3])] += np.outer([1.0, 4.0], [1.0, 4.0])
        found = replace(fit_of(sample, layout), information=np.linalg.inv(variance))
        jobs = plain_jobs(sample.vm, volume=sample.volume, started_s=np.zeros(len(sample)))

        assert graded(
            jobs, sample, layout, found, np.array([-1, -1]), np.zeros(sample.vms, bool)
        ).is_sent_known[0]

    def test_the_server_of_most_rows(self):
        """What a GB sent costs at the DPM server that has most of the volume's jobs decides."""
        given = rows_of(42)
        server = np.where(np.arange(122) < 10, 0, 1)
        layout = Layout(2, 2)
        for known, is_known in ((1, True), (0, False)):
            spread = np.full(layout.size, 1e-9)
            spread[3 + 1 - known] = 100.0
            assert judged(given, server=server, spread=spread).is_sent_known[0] == is_known

    def test_what_cannot_be_split(self):
        """Too few jobs split nothing, however exact the rates look."""
        found = judged(rows_of(2))

        assert list(found.is_scan_known) == [False, True]
        assert list(found.is_sent_known) == [False, True]


class TestUngraded:
    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({}, "no_transfers"),
            ({"vhd_gb": np.array([np.nan, 5.0])}, "no_transfers"),
            ({"vhd_gb": np.array([0.0, 0.0])}, "no_sizes"),
            ({"vhd_gb": np.array([9.0, 0.0]), "is_good": np.array([False, True])}, "no_sizes"),
            ({"is_good": np.zeros(2, bool)}, "all_failed"),
            ({"is_compared": np.zeros(2, bool)}, "change_tracking"),
            ({"is_compared": np.array([True, False]), "is_good": np.array([False, True])}, "no_transfers"),
            ({"is_guest": np.ones(2, bool)}, "no_jobs"),
            ({"is_full": np.zeros(2, bool)}, "no_jobs"),
            ({"is_guest": np.array([True, False]), "is_full": np.array([True, False])}, "no_jobs"),
            ({"volume": np.array([1, -1])}, "no_jobs"),
        ],
    )
    def test_what_is_missing(self, changes, reason):
        """The first thing that a volume without a single row lacks."""
        given = {"vhd_gb": np.array([9.0, 9.0]), "started_s": np.zeros(2)} | changes
        found = ungraded(plain_jobs(np.array([0, 1]), volumes=("V0", "V1"), **given), 2)

        assert (found.grade[0], found.reason[0]) == ("D", reason)
        assert not (found.is_scan_known | found.is_sent_known).any()
