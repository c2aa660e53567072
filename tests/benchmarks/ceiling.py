"""TaskRouter's documented ceiling on one machine: 500,000 tasks, 15,000 workers and 5,000 queues."""

import time

from tests.benchmarks.assignment import Say, open_centre, search_figures, timed
from tests.benchmarks.centre import Size
from tests.benchmarks.figures import Figure
from tests.benchmarks.wire import used_memory

SIZE = Size(workers=15_000, queues=5_000, waiting=500_000)


def measure(say: Say) -> list[Figure]:
    """How long it takes to load, what memory it needs, and how it assigns then."""
    group = f"the ceiling: {SIZE.waiting:,} tasks, {SIZE.workers:,} workers, {SIZE.queues:,} queues"
    say(f"{SIZE.workers:,} workers and {SIZE.queues:,} queues are described")
    began = time.perf_counter()
    with open_centre(SIZE, say) as (server, desk, each):
        loaded = time.perf_counter() - began
        directory = desk.context.store.directory()
        say("assigning")
        row = timed(desk)
        megabytes = used_memory(server) / 2**20
        told = f"{len(directory.lanes):,} lanes, {len(directory.profiles):,} profiles"
        figures = [
            Figure(group, "time to load", loaded, "s", note=f"{told}. Mix: {SIZE.mix}"),
            Figure(group, "Redis memory", megabytes, "MB", note=f"{each:.0f} bytes each waiting task"),
            Figure(group, "assignments a second", 1e6 / row["assignment"], "", note="one process"),
            Figure(group, "one assignment", row["pings"], "PINGs", note=f"{row['assignment']:.0f} µs"),
        ]
        say("searching")
        return figures + [_reported(figure, group) for figure in search_figures(desk)]


def _reported(figure: Figure, group: str) -> Figure:
    return Figure(group, figure.name, figure.value, figure.unit, note=figure.note)
