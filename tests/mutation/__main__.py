"""`make guards`: takes each guard out of a copy of the code; exit code 0 if the state machine noticed every time."""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console
from rich.table import Table

from tests.mutation.copies import Catch, control, without
from tests.mutation.guards import GUARDS, Guard
from tests.redis_server import redis_binaries, running_redis


def main() -> int:
    """Runs what the arguments say, and tells how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("words", nargs="*", help="only guards whose names contain one of these words")
    options = parser.parse_args()
    chosen = [guard for guard in GUARDS if not options.words or any(word in guard.name for word in options.words)]
    console = Console(width=None if sys.stdout.isatty() else 170)
    with running_redis(next(iter(redis_binaries()))) as server:
        complaints = [found.said for found in (control(), control(server.url)) if found.said]
    if complaints:
        console.print(f"[red]the machine complains though nothing is taken out[/red]: {complaints}")
        return 1
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(lambda guard: noticed(guard, console), chosen))
    console.print(table(results))
    return 0 if all(result.said for result in results) else 1


def noticed(guard: Guard, console: Console) -> Catch:
    """What the machine said to a copy without this guard; on a Redis of its own if it is one of Redis."""
    if not guard.on_redis:
        result = without(guard)
    else:
        with running_redis(next(iter(redis_binaries()))) as server:
            result = without(guard, server.url)
    console.print(f"{'noticed' if result.said else '[red]NOT noticed[/red]'}: {guard.name}", highlight=False)
    return result


def table(results: list[Catch]) -> Table:
    """Guard by guard."""
    shown = Table(title="Guards taken out, one at a time", title_justify="left")
    for column in ("guard", "noticed by", "seconds"):
        shown.add_column(column)
    for result in results:
        shown.add_row(result.guard.name, result.said or "[red]nobody[/red]", f"{result.seconds:.0f}")
    return shown


if __name__ == "__main__":
    sys.exit(main())
