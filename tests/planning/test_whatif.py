"""What-if: what is not touched stays, what is moved gets faster, and the simulator is checked before it is believed."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from analytics.planning.jobs import Jobs, chosen
from analytics.planning.reproduction import reproduced
from analytics.planning.scenarios import Model, model_of
from analytics.planning.whatif import Compared, compared
from tests.planning.estate import Estate, Knobs, make, run
from tests.planning.looks import other_nights, outlook_of

KNOBS = Knobs(seed=4, vms=24, volumes=4, hosts=3, nights=14, future=0, host_cap=1000)


@pytest.fixture(scope="module")
def estate() -> Estate:
    """Four volumes whose jobs wait for their volume only."""
    return make(KNOBS)


@pytest.fixture(scope="module")
def model(estate: Estate) -> Model:
    """What its logs imply."""
    return model_of(estate.jobs)


def _moved(*vms: int) -> np.ndarray:
    return np.isin(np.arange(KNOBS.vms), vms)


def _largest(estate: Estate, count: int) -> np.ndarray:
    return _moved(*np.argsort(-estate.truth.vhd_gb)[:count].tolist())


class TestReproduction:
    def test_it_tells_the_past_again(self, model: Model) -> None:
        """Nights of an estate that works as the simulator thinks are told again within the limit."""
        found = reproduced(model)

        assert found.accepted
        assert found.nights == 14
        assert 0.02 < found.finish_error_median < 0.25

    def test_it_refuses_what_it_does_not_understand(self, estate: Estate) -> None:
        """Where jobs wait for something that no log shows, the error is above the limit."""
        rng = np.random.default_rng(1)
        hidden = rng.uniform(0, 6, len(estate.jobs)) * 3600
        late = {
            name: getattr(estate.jobs, name) + hidden
            for name in ("granted_s", "snapshot_s", "moving_s", "moved_s", "released_s", "ended_s")
        }
        found = reproduced(model_of(replace(estate.jobs, **late)))

        assert found.reason == "too_far_off"
        assert not found.accepted

    def test_two_nights_are_too_few(self, estate: Estate) -> None:
        """Two nights cannot show how far the simulator is off."""
        jobs = estate.jobs
        assert (
            reproduced(model_of(chosen(jobs, jobs.night < jobs.night.min() + 2))).reason == "too_few_nights"
        )


class TestCompared:
    def test_no_change_changes_nothing(self, estate: Estate, model: Model) -> None:
        """Without a change both nights are the same to the last digit."""
        look = outlook_of(estate, 5 * 3600)
        found = compared(model, look, look, _moved())

        assert not found.is_touched.any()
        assert np.array_equal(found.before_s, found.after_p50_s)
        assert np.array_equal(found.p_meets_before, found.p_meets_after)

    def test_moves_are_near_the_truth(self, estate: Estate, model: Model) -> None:
        """Those that stay finish when they truly do, within what is usual for such estates."""
        look, moved = outlook_of(estate, 5 * 3600), _largest(estate, 6)
        found = compared(model, look, look, moved)
        nature = other_nights(estate, 40)
        is_guest = np.broadcast_to(moved, nature.start_s.shape)
        took_s = run(estate.truth, nature, is_guest).ended_s - nature.start_s
        truth = np.median(took_s, axis=0)

        assert (found.after_p50_s[moved] < 0.6 * found.before_s[moved]).all()
        assert np.median(np.abs(found.after_p50_s / truth - 1)[~moved]) < 0.2
        inside = (took_s >= found.low_s) & (took_s <= found.high_s)
        assert inside[:, ~moved].mean() > 0.75

    def test_what_is_not_known_harms_nobody(self, estate: Estate, model: Model) -> None:
        """The night before is seen with the doubts of the night after: a move makes nobody else later by them."""
        look, moved = outlook_of(estate, 4 * 3600), _largest(estate, 1)
        found = compared(model, look, look, moved)

        assert (found.p_meets_after >= found.p_meets_before)[~moved].all()
        assert (found.after_p50_s <= found.before_s)[~moved].mean() > 0.9

    def test_only_those_who_share_something_are_touched(self) -> None:
        """A limit on one volume says nothing new of another that shares no limit and no slow server with it."""
        estate = make(replace(KNOBS, server_contention=0))
        model = model_of(estate.jobs)
        rates = model.rates
        model = replace(model, rates=replace(rates, server_contention=np.zeros_like(rates.server_contention)))
        look = outlook_of(estate, 5 * 3600)
        caps = model.rules.caps
        one = replace(caps, volume=np.where(np.arange(len(caps.volume)) == 0, 1, caps.volume))
        found = compared(model, look, look, _moved(), one)
        on_it = estate.truth.volume == 0

        assert np.array_equal(found.is_touched, on_it)
        assert np.array_equal(found.before_s[~on_it], found.after_p50_s[~on_it])
        assert (found.before_s[on_it] != found.after_p50_s[on_it]).any()

    def test_an_earlier_start_ends_earlier(self, estate: Estate, model: Model) -> None:
        """A VM that starts an hour before all others waits for nobody."""
        look = outlook_of(estate, 5 * 3600)
        vm = int(np.argmax(look.release_s))
        early = look.released(np.where(np.arange(KNOBS.vms) == vm, look.opens_s - 3600, look.release_s))
        found = compared(model, look, early, _moved())

        assert found.after_p50_s[vm] <= found.before_s[vm] + 1
        assert found.p_meets_after[vm] >= found.p_meets_before[vm]

    def test_same_again(self, estate: Estate, model: Model) -> None:
        """The same question, the same bytes."""
        look, moved = outlook_of(estate, 5 * 3600), _largest(estate, 3)
        first = compared(model, look, look, moved)
        second = compared(model_of(estate.jobs), look, look, moved)

        assert _bytes(first) == _bytes(second)

    def test_names_and_order_are_nothing(self, estate: Estate, model: Model) -> None:
        """VMs by other names, rows in another order: the same figures beside other names."""
        look, moved = outlook_of(estate, 5 * 3600), _largest(estate, 3)
        first = compared(model, look, look, moved)
        perm = np.random.default_rng(3).permutation(KNOBS.vms)
        renamed = model_of(_renamed(estate.jobs, perm))
        back = np.argsort(perm)
        other = replace(look, release_s=look.release_s[back])
        second = compared(renamed, other, other, moved[back])

        for field in fields(Compared):
            one, two = getattr(first, field.name), getattr(second, field.name)[perm]
            np.testing.assert_allclose(two.astype(float), one.astype(float), rtol=1e-6, err_msg=field.name)


def _renamed(jobs: Jobs, perm: np.ndarray) -> Jobs:
    """VM i is called by the name of VM perm[i], and rows come in another order."""
    rows = np.random.default_rng(4).permutation(len(jobs))
    return chosen(replace(jobs, vm=perm[jobs.vm]), rows)


def _bytes(found: Compared) -> bytes:
    return b"".join(getattr(found, field.name).tobytes() for field in fields(Compared))
