"""One resource of an export as the REST API writes it: its fields by kind, every mistake noted with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.core.routing import sids


@dataclass(slots=True)
class Mistakes:
    """What is wrong with an export, in the order in which it was found."""

    found: list[str] = field(default_factory=list)

    def note(self, place: str, message: str) -> None:
        """Adds one."""
        self.found.append(f"{place}: {message}")


@dataclass(frozen=True, slots=True)
class Record:
    """One resource. A field that is missing or null counts as not said."""

    place: str
    raw: Mapping[str, object]
    mistakes: Mistakes

    def wrong(self, key: str, message: str) -> None:
        """Notes what is wrong with a field."""
        self.mistakes.note(f"{self.place}.{key}", message)

    def text(self, key: str, *, needed: bool = False) -> str:
        """A text, "" where there is none."""
        value = self.raw.get(key)
        if value is None:
            value = ""
        if not isinstance(value, str):
            self.wrong(key, "a text is expected")
            return ""
        if needed and not value:
            self.wrong(key, "is missing")
        return value

    def sid(self, key: str, prefix: str, *, needed: bool = False) -> str:
        """A SID of this kind, "" where there is none."""
        value = self.text(key, needed=needed)
        if value and not (sids.is_sid(value) and value.startswith(prefix)):
            self.wrong(key, f"{value[:40]!r} is no SID ({prefix} and 32 digits 0-9a-f)")
            return ""
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.raw.get(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "true or false is expected")
        return value if isinstance(value, bool) else default

    def number(self, key: str, default: int, most: int) -> int:
        """A whole number from 0 to `most`."""
        value = self.raw.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self.wrong(key, f"a whole number from 0 to {most:,} is expected")
            return default
        return value

    def instant(self, key: str) -> int:
        """An ISO 8601 date as milliseconds, 0 where there is none."""
        text = self.text(key)
        if not text:
            return 0
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            self.wrong(key, f"{text[:40]!r} is no ISO 8601 date")
            return 0
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def records(document: Mapping[str, object], kind: str, mistakes: Mistakes) -> list[Record]:
    """The resources of a kind: a list of them, a list answer of the REST API, or a list of such answers."""
    found = []
    for index, raw in enumerate(_items(document.get(kind), kind, mistakes)):
        if isinstance(raw, Mapping):
            name = raw.get("sid") or index
            found.append(Record(f"{kind}[{name}]", raw, mistakes))
        else:
            mistakes.note(f"{kind}[{index}]", "an object is expected")
    return found


def _items(value: object, kind: str, mistakes: Mistakes) -> list[object]:
    if value is None:
        return []
    if isinstance(value, Mapping) and "meta" in value:
        meta = value["meta"]
        key = meta.get("key") if isinstance(meta, Mapping) else None
        inside = value.get(str(key or kind))
        if isinstance(inside, list):
            return inside
    if isinstance(value, list):
        pages = [item for item in value if isinstance(item, Mapping) and "meta" in item]
        return [item for page in pages for item in _items(page, kind, mistakes)] if pages else value
    mistakes.note(kind, "a list, or a list answer of the REST API, is expected")
    return []
