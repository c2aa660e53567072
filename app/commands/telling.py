"""Shows calls to people: a live view while they go on, a table at the end, one call's story."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from app.commands.rehearsal import Report
from app.simulator.events import Event

SHOWN = 78
_LOUD = {"bridged": "green", "declined": "yellow", "not answered": "yellow", "hung up": "dim", "ringing": "cyan"}


@dataclass
class LiveView:
    """One line per call: who, what happens to them now. Fed by the carrier's events."""

    console: Console
    lines: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._live = Live(console=self.console, refresh_per_second=8, transient=True, get_renderable=self._table)

    def __enter__(self) -> "LiveView":
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def tell(self, event: Event) -> None:
        """Takes one event in; without a terminal each is a line of its own."""
        if event.kind in ("gathering", "stream stopped", "left queue"):
            return
        self.lines[event.person] = (f"{event.at:5.1f}", event.kind, event.text or event.other)
        if not self.console.is_terminal and event.kind in _TOLD_PLAINLY:
            self.console.print(f"{event.at:6.1f}s {event.person:<16} {event.kind}: {event.text or event.other}"[:SHOWN])

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 1))
        for title in ("at", "who", "now", ""):
            table.add_column(title, no_wrap=True)
        for person, (at, kind, text) in list(self.lines.items()):
            table.add_row(at, person, Text(kind, _LOUD.get(kind, "")), text[:SHOWN])
        return table


_TOLD_PLAINLY = ("call started", "ringing", "declined", "not answered", "bridged", "hung up", "speaking", "key")


def summary(reports: Sequence[Report]) -> Table:
    """The table at the end of a scenario."""
    table = Table(title="How every call went", title_justify="left")
    for title in ("caller", "heard", "mood", "route", "waited", "agent", "outcome", "as expected?"):
        table.add_column(title, overflow="fold")
    for report in reports:
        result = report.result
        waited = "-" if result.waited is None else f"{result.waited:.1f} s"
        good = Text("; ".join(report.mismatches), "red") if report.mismatches else Text("yes", "green")
        table.add_row(
            result.name, " / ".join(report.heard) or "-", report.fact("mood") or "-", report.fact("route") or "-",
            waited, result.agent or "-", result.outcome, good,
        )  # fmt: skip
    return table


def story_lines(report: Report) -> list[str]:
    """One call's story as the server tells it, with its reasons."""
    started = report.events[0]["at"] if report.events else 0
    lines = []
    for event in report.events:
        if event["minor"]:
            continue
        heard = f' "{event["heard"]}"' if event["heard"] else ""
        why = f"  [{event['why']}]" if event["why"] else ""
        lines.append(f"{(event['at'] - started) / 1000:6.1f}s  {event['title']}{heard}{why}")
    return lines


def as_json(report: Report) -> dict[str, object]:
    """One call for programs: what was expected, what happened, and when (seconds)."""
    result = report.result
    return {
        "caller": result.name,
        "call": result.sid,
        "expected": dict(result.expect),
        "as_expected": not report.mismatches,
        "mismatches": list(report.mismatches),
        "outcome": result.outcome,
        "heard": list(report.heard),
        "mood": report.fact("mood"),
        "route": report.fact("route"),
        "queue": report.fact("queue"),
        "agent": result.agent,
        "rung": [{"agent": ring.agent, "at": ring.at, "did": ring.did} for ring in result.rung],
        "said": [{"at": said.at, "text": said.text} for said in result.said],
        "started": result.started,
        "ended": result.ended,
        "waited": result.waited,
        "talked": result.talked,
        "events": [{"at": line["at"], "type": line["type"], "title": line["title"], "why": line["why"]}
                   for line in report.events],
    }  # fmt: skip
