"""A night in scenarios, of a model written by hand: each number comes back, each source of chance on its own."""

from __future__ import annotations

from statistics import NormalDist
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from analytics.planning.night import NO_CAP, Caps, Night
from analytics.planning.scenarios import night_in_scenarios
from tests.planning.plain_jobs import plain_jobs

NAN = float("nan")


def model(*, draws: int = 1, vms: int = 3, **more: Any) -> Any:
    """VMs of 100 GB that change 6 GB a night, the last on an unknown volume; 30 s, 10 s per GB, 5 s per GB sent.

    Each later draw of the rates is a second per GB slower; the guest level takes 100 s and then 60.
    """
    place = np.array([*(at % 2 for at in range(vms - 1)), 2])
    row = np.arange(draws)[:, None]
    # 24 jobs of a volume and night whose residuals are nought: single jobs have no noise
    jobs = plain_jobs(
        np.zeros(24, np.int64), night=np.zeros(24, np.int64), started_s=np.zeros(24), volumes=("A", "B")
    )
    rates = {
        "overhead_s": 30.0 + 0 * row[:, 0],
        "scan_s_per_gb": np.array([[10.0, 12.0]]) + row,
        "sent_s_per_gb": np.full((draws, 1), 5.0),
        "vm_factor": np.ones((draws, vms)),
        "volume_contention": np.array([[0.5, 0.7]]) + 0 * row,
        "server_contention": np.full((draws, 1), 0.2),
        "residual": np.zeros(24),
        "night_sd": 0.0,
        "job_sd": 0.0,
    }
    usual = {
        "vhd_gb": np.full(vms, 100.0),
        "sent_gb": np.full((vms, 1), 6.0),
        "after_s": np.full(vms, 7.0),
        "is_guest": np.zeros(vms, bool),
    }
    guest = {
        "before_s": np.full((1, vms), 100.0),
        "alone_s": np.full((1, vms), 60.0),
        "after_s": np.full(vms, 9.0),
    }
    whole = {
        "volume": place,
        "host": np.zeros(vms, np.int64),
        "server": np.array([0] * (vms - 1) + [1]),
        "before_s": np.full(vms, 40.0),
        "own_s": np.full((vms, 4), NAN),
        "guest_before_s": np.full(vms, NAN),
        "is_expected": np.ones(vms, bool),
        "turn": np.arange(vms),
        "typical_gb": np.full(vms, 6.0),
    }
    parts: dict[str, dict[str, Any]] = {"rates": rates, "usual": usual, "guest": guest}
    for name, value in more.items():
        next((part for part in parts.values() if name in part), whole)[name] = value
    caps = Caps(np.full(3, 2), np.full(2, NO_CAP), np.full(2, NO_CAP))
    named = {name: SimpleNamespace(**part) for name, part in parts.items()}
    return SimpleNamespace(jobs=jobs, rules=SimpleNamespace(caps=caps), **named, **whole)


def nights(found: Any, scenarios: int = 8, which: tuple[int, ...] = (0, 1, 2), **more: Any) -> Night:
    """These VMs of a model, released one second after the other."""
    vms = np.array(which)
    return night_in_scenarios(found, vms, vms.astype(float), scenarios=scenarios, seed=3, **more)


class TestHostLevel:
    def test_what_the_rates_expect(self):
        """Of an unknown volume the middle rate, of an unknown DPM server the middle one too."""
        found = nights(model())

        assert found.at_host.work_gb == pytest.approx(np.tile([1060.0, 1260.0, 1160.0], (8, 1)))
        assert found.at_host.before_s == pytest.approx(np.full((8, 3), 40.0))
        assert found.at_host.after_s == pytest.approx(np.full((8, 3), 7.0))
        assert found.release_s.tolist() == [0, 1, 2]

    def test_the_law(self):
        """Alone a unit takes a second; an unknown place slows nobody; limits are those of the logs."""
        found = nights(model())

        assert found.law.scan_s_per_gb.tolist() == [1, 1, 1]
        assert found.law.volume_contention_s_per_gb == pytest.approx(np.tile([0.5, 0.7, 0.0], (8, 1)))
        assert found.law.server_contention_s_per_gb == pytest.approx(np.tile([0.2, 0.0], (8, 1)))
        assert found.caps.volume.tolist() == [2, 2, 2]
        other = Caps(np.full(3, 9), np.full(2, 9), np.full(2, 9))
        assert nights(model(), caps=other).caps is other

    def test_each_draw_as_often(self):
        """The bootstrap, not the estimate; a VM's own factor."""
        factor = np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 1.0], [2.0, 1.0, 1.0]])
        found = nights(model(draws=3, vm_factor=factor))

        assert sorted(found.at_host.work_gb[:, 0]) == pytest.approx([2 * 1160.0] * 4 + [2 * 1260.0] * 4)
        assert sorted(found.at_host.work_gb[:, 1]) == pytest.approx([1360.0] * 4 + [1460.0] * 4)

    def test_changed_data_of_its_own_nights(self):
        """Each of them as often; where none is known, what is typical."""
        sent = np.array([[6.0, 26.0], [6.0, NAN], [NAN, NAN]])
        found = nights(model(sent_gb=sent, typical_gb=np.array([9.0, 9.0, 46.0])))

        assert sorted(found.at_host.work_gb[:, 0]) == pytest.approx([1060.0] * 4 + [1160.0] * 4)
        assert found.at_host.work_gb[:, 1] == pytest.approx(np.full(8, 1260.0))
        assert found.at_host.work_gb[:, 2] == pytest.approx(np.full(8, 1360.0))

    def test_its_own_data_moves(self):
        """Where the rates do not speak of a VM, or do not know it, its own nights do, each as often."""
        own = np.array([[500.0, 700.0, NAN, NAN], [NAN] * 4, [NAN] * 4])
        found = nights(model(own_s=own, is_expected=np.array([False, True, False])))

        assert sorted(found.at_host.work_gb[:, 0]) == pytest.approx([500.0] * 4 + [700.0] * 4)
        assert found.at_host.work_gb[:, 2].tolist() == [0.0] * 8


class TestChance:
    NORMAL = np.array([NormalDist().inv_cdf((at + 0.5) / 8) for at in range(8)])

    def logs(self, found: Any, **more: Any) -> np.ndarray:
        """Logs of the data moves by what is expected, (scenarios, VMs)."""
        return np.log(nights(found, **more).at_host.work_gb / np.array([1060.0, 1260.0, 1160.0]))

    def test_what_a_volume_shares_in_a_night(self):
        """One number for all of a volume, another for each volume."""
        found = self.logs(model(night_sd=0.3, volume=np.array([0, 0, 1])))
        one, other, apart = found.T
        # the second VM is on the first one's volume now, and so at its rate
        assert other == pytest.approx(one + np.log(1060 / 1260))
        assert np.sort(one) == pytest.approx(0.3 * self.NORMAL)
        assert np.sort(apart - np.log(1260 / 1160)) == pytest.approx(0.3 * self.NORMAL)
        assert list(np.argsort(one)) != list(np.argsort(apart))

    def test_where_something_changes(self):
        """The law itself may be off by 15 %, on the volumes that are changed."""
        found = self.logs(model(), is_changed=np.array([True, False, False]))

        assert np.sort(found[:, 0]) == pytest.approx(0.15 * self.NORMAL)
        assert found[:, 1:] == pytest.approx(np.zeros((8, 2)), abs=1e-9)

    @pytest.mark.parametrize(("jobs", "is_seen"), [(20, True), (19, False)])
    def test_single_jobs(self, jobs, is_seen):
        """As the jobs show it where twenty do, else normal with their spread, else with a fifth."""
        residual = np.full(24, NAN)
        residual[:jobs] = np.linspace(-0.2, 0.4, jobs)
        found = self.logs(model(residual=residual, job_sd=0.1))
        plain = self.logs(model(residual=np.full(24, NAN), job_sd=NAN))
        expected = (
            np.quantile(residual[:jobs] - 0.1, (np.arange(8) + 0.5) / 8) if is_seen else 0.1 * self.NORMAL
        )

        assert np.sort(found[:, 0]) == pytest.approx(expected, abs=1e-9)
        assert np.sort(plain[:, 1]) == pytest.approx(0.2 * self.NORMAL)

    def test_cells_of_three(self):
        """What two jobs of a volume and night differ by is not what single jobs do."""
        residual = np.concatenate([np.zeros(22), [-5.0, 5.0]])
        found = model(residual=residual)
        night = np.array([0] * 22 + [1, 1])
        found.jobs = plain_jobs(found.jobs.vm, night=night, started_s=np.zeros(24), volumes=("A", "B"))

        assert self.logs(found) == pytest.approx(np.zeros((8, 3)), abs=1e-9)

    def test_common_random_numbers(self):
        """A VM has the same numbers whoever is simulated beside it; another seed gives others."""
        found = model(draws=5, night_sd=0.2, residual=np.linspace(-0.3, 0.3, 24))
        alone, beside = nights(found, which=(1,)), nights(found)
        other = night_in_scenarios(found, np.arange(3), np.zeros(3), scenarios=8, seed=4)

        assert alone.at_host.work_gb[:, 0].tolist() == beside.at_host.work_gb[:, 1].tolist()
        assert other.at_host.work_gb.tolist() != beside.at_host.work_gb.tolist()


class TestGuestLevel:
    def test_where_it_is_not_yet(self):
        """As its draws say, each as often."""
        before = np.array([[100.0] * 3, [200.0] * 3])
        found = nights(model(before_s=before, alone_s=before * 0.5))
        guest = nights(model()).at_guest

        assert sorted(found.at_guest.work_gb[:, 0]) == pytest.approx([50.0] * 4 + [100.0] * 4)
        assert (guest.before_s[0, 0], guest.after_s[0, 0]) == (100.0, 9.0)

    def test_where_it_is_already(self):
        """As its own nights at guest level."""
        known = {"is_guest": np.array([True, False, False]), "guest_before_s": np.array([11.0, NAN, NAN])}
        own = np.array([[500.0, NAN, NAN, NAN], [NAN] * 4, [NAN] * 4])
        found = nights(model(own_s=own, **known)).at_guest

        assert (found.before_s[0].tolist(), found.after_s[0].tolist()) == (
            [11.0, 100.0, 100.0],
            [7.0, 9.0, 9.0],
        )
        assert found.work_gb[0].tolist() == [500.0, 60.0, 60.0]
