"""The demo's live view: one line a call, made of what the carrier sees and what the server's live page says."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from app.simulator.events import Event

LOOK_EVERY = 0.4
WORDS = 44
PROGRESS = {
    "call started": ("calling", "cyan"),
    "answered": ("listening to the greeting", ""),
    "speaking": ("speaking", "cyan"),
    "key": ("pressed", "cyan"),
    "waiting": ("on hold", "yellow"),
    "recording": ("leaving a message", ""),
    "bridged": ("talking to", "green"),
    "parted": ("has talked to", ""),
    "hung up": ("over", "dim"),
}
_PLAIN = ("call started", "ringing", "declined", "not answered", "bridged", "hung up", "speaking", "key")


@dataclass
class _Line:
    """What is shown of one call."""

    started: float
    progress: str = "calling"
    style: str = ""
    heard: str = ""
    mood: str = ""
    place: str = ""
    rung: list[str] = field(default_factory=list)


class LiveView:
    """Shows calls while they go on; `look` fetches the server's live page. Without a terminal: a line an event."""

    def __init__(self, console: Console, look: Callable[[], dict[str, Any] | None]) -> None:
        self._console = console
        self._look = look
        self._lines: dict[str, _Line] = {}
        self._names: dict[str, str] = {}
        self._over = threading.Event()
        self._looker = threading.Thread(target=self._keep_looking, name="live view", daemon=True)
        self._live = Live(console=console, refresh_per_second=8, transient=True, get_renderable=self._table)

    def __enter__(self) -> "LiveView":
        if self._console.is_terminal:
            self._live.start()
            self._looker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._console.is_terminal:
            self._live.stop()
            self._looker.join()

    def tell(self, event: Event) -> None:
        """Takes in one thing that happened on the carrier."""
        if not self._console.is_terminal:
            if event.kind in _PLAIN:
                what = event.text or event.other
                self._console.print(f"{event.at:6.1f} s  {event.person:<18} {event.kind} {what}", highlight=False)
            return
        if event.kind == "call started":
            self._names[event.sid] = event.person
            self._lines[event.person] = _Line(event.at)
        line = self._lines.get(event.person)
        if line is not None and event.kind in PROGRESS:
            words, line.style = PROGRESS[event.kind]
            line.progress = f"{words} {event.other or event.text}" if event.kind in _NAMED else words

    def _keep_looking(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            page = self._look()
            for call in [*page["waiting"], *page["in_progress"]] if page else ():
                line = self._lines.get(self._names.get(call["call"], ""))
                if line is not None:
                    _update(line, call)

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 1))
        for title in ("at", "caller", "now", "heard", "mood", "where", "rung"):
            table.add_column(title, no_wrap=True)
        for name, line in list(self._lines.items()):
            heard = f'"{line.heard[:WORDS]}"' if line.heard else ""
            mood = "" if line.mood == "neutral" else line.mood
            progress = Text(line.progress, line.style)
            table.add_row(f"{line.started:5.1f}", name, progress, heard, mood, line.place, ", ".join(line.rung))
        return table


_NAMED = ("bridged", "parted", "key")


def _update(line: _Line, call: dict[str, Any]) -> None:
    """Takes in what the server's live page says of a call."""
    line.heard, line.mood = call["heard"] or line.heard, call["mood"]
    if "position" in call:
        line.place = f"{call['queue_title']}, place {call['position']}"
        line.rung += [agent for agent in call["ringing"] if agent not in line.rung]
    elif call["queue_title"]:
        line.place = call["queue_title"]
