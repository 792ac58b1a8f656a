"""The engine against cases that can be solved by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.synth.engine import Engine, Process, Transfer, combined_rate
from analytics.synth.estate import Server, Volume

SLOW_VOLUME = Volume("C:\\ClusterStorage\\Volume1\\", "g", 0, False, 100.0, 100.0, 0.0)
FAST_SERVER = Server("DPM01", 1e9, 1e9)


def test_the_slower_side_sets_the_rate() -> None:
    """A stream between a slow volume and a fast server runs at the volume's rate."""
    assert combined_rate(SLOW_VOLUME, FAST_SERVER, 1, 1) == pytest.approx(100, rel=1e-6)
    assert combined_rate(SLOW_VOLUME, Server("DPM01", 100.0, 100.0), 1, 1) == pytest.approx(
        100 / 2 ** (1 / 3)
    )


def test_streams_share_a_volume() -> None:
    """K streams on one volume get C k^-delta / k each."""
    seeking = replace(SLOW_VOLUME, delta=0.5)

    assert combined_rate(SLOW_VOLUME, FAST_SERVER, 4, 4) == pytest.approx(25, rel=1e-6)
    assert combined_rate(seeking, FAST_SERVER, 4, 4) == pytest.approx(12.5, rel=1e-6)


def finish_times(transfers: list[tuple[float, Transfer]]) -> list[float]:
    """When each transfer, begun at its time, is through."""
    engine, finished = Engine(0.0), [0.0] * len(transfers)

    def move(number: int, transfer: Transfer) -> Process:
        yield transfer
        finished[number] = engine.now_s

    for number, (start_s, transfer) in enumerate(transfers):
        engine.spawn(move(number, transfer), start_s)
    engine.run(1e9)
    return finished


def test_processor_sharing() -> None:
    """Two transfers of 1000 bytes at 100/s, the second from 5 s on: they end at 15 s and 20 s."""
    finished = finish_times(
        [(0, Transfer(1000, SLOW_VOLUME, FAST_SERVER)), (5, Transfer(1000, SLOW_VOLUME, FAST_SERVER))]
    )

    assert finished == pytest.approx([15, 20], rel=1e-3)


def test_volumes_do_not_disturb_each_other() -> None:
    """Transfers on different volumes run at full rate as long as the server keeps up."""
    other = replace(SLOW_VOLUME, path="C:\\ClusterStorage\\Volume2\\")

    finished = finish_times(
        [(0, Transfer(1000, SLOW_VOLUME, FAST_SERVER)), (0, Transfer(1000, other, FAST_SERVER))]
    )

    assert finished == pytest.approx([10, 10], rel=1e-3)


def test_nothing_happens_after_the_end() -> None:
    """A process that would wake after the end of the run does not."""
    engine, woke = Engine(0.0), []

    def sleep() -> Process:
        yield 10.0
        woke.append(engine.now_s)

    engine.spawn(sleep(), 0)
    engine.run(9.0)

    assert woke == []
