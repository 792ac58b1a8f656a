"""A small discrete-event engine with processor sharing: transfers share volumes and DPM servers.

Processes are generators: each yields a float (seconds to sleep) or a `Transfer` (resumed when its bytes are
through). The rate law is (3) of model.md 2.2: rate = (src^-p + rep^-p)^(-1/p) with
src = min(stream, C k^-delta / k) and rep = min(stream, C / k).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass

from analytics.synth.estate import Server, Volume

_PIPELINE_EXPONENT = 3.0


@dataclass(eq=False)
class Transfer:
    """Bytes on their way from a volume to a DPM server; `weight` is 1 for a stream, 0.35 in guest jobs."""

    left_bytes: float
    volume: Volume
    server: Server
    weight: float = 1.0
    rate_bytes_s: float = 0.0


Process = Generator["float | Transfer", None, None]


def combined_rate(volume: Volume, server: Server, volume_load: float, server_load: float) -> float:
    """Bytes per second of one stream when so many streams use its volume and its server."""
    on_volume, on_server = max(1.0, volume_load), max(1.0, server_load)
    source = min(volume.stream_bytes_s, volume.capacity_bytes_s * on_volume ** (-volume.delta - 1))
    replica = min(server.stream_bytes_s, server.capacity_bytes_s / on_server)
    p = _PIPELINE_EXPONENT
    return float((source**-p + replica**-p) ** (-1 / p))


class Engine:
    """Runs processes in the order of time; `now_s` is seconds since 1970 in UTC."""

    def __init__(self, start_s: float) -> None:
        self.now_s = start_s
        self._queue: list[tuple[float, int, Process | Server, int]] = []
        self._sequence = 0
        self._moving: dict[str, dict[Transfer, Process]] = defaultdict(dict)
        self._moved_at_s: dict[str, float] = {}
        self._plan: dict[str, int] = defaultdict(int)
        self._load: dict[str, float] = defaultdict(float)

    def spawn(self, process: Process, at_s: float) -> None:
        """Start a process at a time that is not in the past."""
        self._push(max(at_s, self.now_s), process, 0)

    def run(self, until_s: float) -> None:
        """Run until that moment; what has not happened by then never happens."""
        while self._queue and self._queue[0][0] <= until_s:
            self.now_s, _, what, plan = heapq.heappop(self._queue)
            if not isinstance(what, Server):
                self._step(what)
            elif plan == self._plan[what.name]:
                self._finish(what)
        self.now_s = until_s

    def _push(self, at_s: float, what: Process | Server, plan: int) -> None:
        self._sequence += 1
        heapq.heappush(self._queue, (at_s, self._sequence, what, plan))

    def _step(self, process: Process) -> None:
        wish = next(process, None)
        if isinstance(wish, Transfer):
            self._begin(wish, process)
        elif wish is not None:
            self._push(self.now_s + wish, process, 0)

    def _begin(self, transfer: Transfer, process: Process) -> None:
        self._advance(transfer.server)
        self._moving[transfer.server.name][transfer] = process
        self._load[transfer.volume.path] += transfer.weight
        self._replan(transfer.server)

    def _finish(self, server: Server) -> None:
        self._advance(server)
        moving = self._moving[server.name]
        done = [(transfer, process) for transfer, process in moving.items() if transfer.left_bytes <= 1.0]
        for transfer, _ in done:
            del moving[transfer]
            self._load[transfer.volume.path] -= transfer.weight
        self._replan(server)
        for _, process in done:
            self._step(process)

    def _advance(self, server: Server) -> None:
        elapsed_s = self.now_s - self._moved_at_s.get(server.name, self.now_s)
        self._moved_at_s[server.name] = self.now_s
        for transfer in self._moving[server.name]:
            transfer.left_bytes -= transfer.rate_bytes_s * elapsed_s

    def _replan(self, server: Server) -> None:
        # A volume's cluster belongs to one DPM server, so no other server's transfers change their rate.
        moving = self._moving[server.name]
        self._plan[server.name] += 1
        server_load = sum(transfer.weight for transfer in moving)
        rates: dict[str, float] = {}
        soonest_s = float("inf")
        for transfer in moving:
            path = transfer.volume.path
            if path not in rates:
                rates[path] = combined_rate(transfer.volume, server, self._load[path], server_load)
            transfer.rate_bytes_s = rates[path]
            soonest_s = min(soonest_s, max(0.0, transfer.left_bytes) / rates[path])
        if moving:
            self._push(self.now_s + soonest_s + 1e-6, server, self._plan[server.name])
