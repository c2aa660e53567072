"""Texts and counts under a name in memory, which may expire."""

from dataclasses import dataclass

from app.ports.clock import Clock


@dataclass(slots=True)
class Note:
    """A text or count under a name; `until` 0: for good."""

    text: str
    until: int


class MemoryNotes:
    """Not safe between threads by itself: the store holds its lock around every call."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._notes: dict[tuple[str, str], Note] = {}

    def get(self, family: str, name: str) -> Note | None:
        """The note of this name, if it has not expired."""
        note = self._notes.get((family, name))
        if note and note.until and note.until <= self._clock.now():
            del self._notes[family, name]
            return None
        return note

    def put(self, family: str, name: str, text: str, seconds: int) -> Note:
        """Writes a note that lives for so long (0 seconds: for good)."""
        until = self._clock.now() + seconds * 1000 if seconds else 0
        note = self._notes[family, name] = Note(text, until)
        return note

    def clear(self) -> None:
        """Forgets all of them."""
        self._notes.clear()
