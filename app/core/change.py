"""A decision as a value: the entities' new values beside those they were decided on, and the events that tell of it."""

from dataclasses import dataclass
from typing import TypeVar

from app.core.entities import Entity, Key, key_of
from app.core.events import Event

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Write:
    """One entity before and after. `old` None: it must not exist yet; `new` None: it is forgotten."""

    old: Entity | None
    new: Entity | None

    @property
    def key(self) -> Key:
        """The key of the entity that is written."""
        entity = self.new or self.old
        if entity is None:
            raise ValueError("a write needs an old or a new entity")
        return key_of(entity)


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data of a call (what was said, who called), kept apart from events so that it can be erased."""

    call: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """All or nothing: `Store.commit` applies it only if every `old` is still what the store holds."""

    writes: tuple[Write, ...] = ()
    events: tuple[Event, ...] = ()
    personal: tuple[Personal, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.writes or self.events or self.personal)

    def __add__(self, later: "Change") -> "Change":
        """This change and then a `later` one that was decided on this one's results."""
        writes: dict[Key, Write] = {write.key: write for write in self.writes}
        for write in later.writes:
            earlier = writes.get(write.key)
            writes[write.key] = Write(earlier.old if earlier else write.old, write.new)
        return Change(tuple(writes.values()), self.events + later.events, self.personal + later.personal)

    def latest(self, entity: E) -> E:
        """The value this change leaves `entity` with."""
        for write in self.writes:
            if write.key == key_of(entity) and isinstance(write.new, type(entity)):
                return write.new
        return entity


NOTHING = Change()


def update(old: Entity, new: Entity, *events: Event) -> Change:
    """The change of one entity."""
    return Change((Write(old, new),), events)


def create(new: Entity, *events: Event) -> Change:
    """The birth of one entity."""
    return Change((Write(None, new),), events)
