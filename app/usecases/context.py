"""What every use case works with, and the one loop by which decisions become commits."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

from app.core.change import Change
from app.core.config import Config
from app.core.lifecycle import IllegalTransition
from app.ports.clock import Clock
from app.ports.ids import Ids
from app.ports.scorer import Scorer
from app.ports.store import Conflict, Store
from app.usecases.rulebook import Rulebook
from app.usecases.sights import Sights

T = TypeVar("T")
ATTEMPTS = 20
REREADS = 3


class Configs(Protocol):
    """The owner's file: as it is now, and as it was for calls in progress."""

    def current(self) -> Config:
        """The rules for new calls."""

    def get(self, version: str) -> Config:
        """The rules a call started with; the present ones when those are not to be had any more."""


@dataclass(frozen=True)
class Context:
    """The world of the use cases, for one workspace.

    `keypad_first`: the speech model is not fit for real callers: keys are read out. `of_file`: the workspace is that of
    the owner's file; any other consists of what the API defined.
    """

    store: Store
    clock: Clock
    ids: Ids
    configs: Configs
    scorer: Scorer
    keypad_first: bool = False
    workspace: str = "switchboard"
    of_file: bool = True

    @cached_property
    def rules(self) -> Rulebook:
        """The workspace's routing rules."""
        return Rulebook(self.store, self.workspace, self.configs if self.of_file else None)

    @cached_property
    def sights(self) -> Sights:
        """What this process knows of lanes and profiles."""
        return Sights(self.store)


class Contention(Exception):
    """A decision lost the race twenty times running: something is wrong with us, not with the caller."""


def settle(store: Store, decide: Callable[[], tuple[Change, T]]) -> T:
    """Reads and decides (both in `decide`) and commits, again and again until no other writer was faster."""
    for attempt in range(ATTEMPTS):
        try:
            change, result = decide()
        except IllegalTransition:
            # What is read one after the other may be of different instants, and only seem to be illegal.
            if attempt < REREADS:
                continue
            raise
        if not change or not isinstance(store.commit(change), Conflict):
            return result
    raise Contention(f"lost {ATTEMPTS} races in a row")
