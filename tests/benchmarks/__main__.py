"""`make bench`: what the server takes and how fast it answers, as a table; exit code 1 if a target is missed."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from tests.benchmarks import assignment, ceiling, crowd, footprint, incoming, latency
from tests.benchmarks.assignment import Say
from tests.benchmarks.figures import Figure
from tests.drill.world import World

PARTS: dict[str, Callable[[World], list[Figure]]] = {
    "memory": footprint.memory,
    "speech": latency.speech_to_redirect,
    "hang-up": latency.hang_up_to_silence,
    "incoming": incoming.measure,
    "recognizer": lambda _: footprint.recognizer(),
}
ROUTING: dict[str, Callable[[Say], list[Figure]]] = {"assignment": assignment.measure, "processes": crowd.measure}
"""These need no server but Redis, and are measured before it is started."""
CEILING = "ceiling"
_WIDTH = 110


def main() -> int:
    """Measures what the arguments say and tells."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    usual = [*ROUTING, *PARTS]
    parser.add_argument("--parts", nargs="*", choices=usual, default=usual, help="what to measure")
    parser.add_argument("--ceiling", action="store_true", help="TaskRouter's ceiling too (some minutes, 1 GB)")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args()
    routing = {**ROUTING, CEILING: ceiling.measure} if options.ceiling else ROUTING
    figures: list[Figure] = []
    for part in (part for part in routing if part in (*options.parts, CEILING)):
        with Console(stderr=True).status(part) as status:
            figures += routing[part](lambda doing, part=part, status=status: status.update(f"{part}: {doing}"))  # type: ignore[misc]
    if set(options.parts) & set(PARTS):
        with footprint.timed_world(figures) as running:
            for part in (part for part in options.parts if part in PARTS):
                figures += PARTS[part](running)
    _show(figures, as_json=options.json)
    return 1 if any(figure.met is False for figure in figures) else 0


def _show(figures: list[Figure], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([{**asdict(figure), "met": figure.met} for figure in figures], indent=2))
        return
    console = Console()
    console.width = max(console.width, _WIDTH)
    console.print(table(figures))


def table(figures: list[Figure]) -> Table:
    """The figures under what they are about."""
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    shown = Table(title=f"Benchmarks ({machine})", title_justify="left", box=None, header_style="dim")
    for column in ("what", "value", "target", "note"):
        shown.add_column(column, justify="right" if column in ("value", "target") else "left", no_wrap=column != "note")
    last = ""
    for figure in figures:
        if figure.group != last:
            shown.add_row(f"[bold]{figure.group}[/]")
        shown.add_row(f"  {figure.name}", _value(figure), _target(figure), figure.note)
        last = figure.group
    return shown


def _value(figure: Figure) -> str:
    digits = 3 if figure.value < 1 else 2 if figure.value < 10 else 0
    text = f"{figure.value:,.{digits}f} {figure.unit}".rstrip()
    return text if figure.met is None else f"[{'green' if figure.met else 'red'}]{text}[/]"


def _target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    return f"{'≥' if figure.direction == 'at least' else '≤'} {figure.target:g}"


if __name__ == "__main__":
    sys.exit(main())
