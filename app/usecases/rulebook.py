"""The rules of one workspace: those of the owner's file and those the API defined, as one value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Protocol, TypeVar

from app.core.config import Config
from app.core.entities import Key, Kind
from app.core.indexes import all_of
from app.core.routing.definitions import (
    Definition,
    Rules,
    TaskChannel,
    TaskQueue,
    WorkerActivity,
    Workflow,
    Workspace,
)
from app.core.routing.owner_rules import owner_rules
from app.core.routing.staff import paths_read
from app.ports.store import Store

T = TypeVar("T", bound=Definition)
_KINDS = (Kind.ACTIVITY, Kind.CHANNEL, Kind.QUEUE, Kind.WORKFLOW)
_PAGE = 1000


class OwnersFile(Protocol):
    """The owner's file as it is now."""

    def current(self) -> Config:
        """The rules for new calls."""


@dataclass(frozen=True, slots=True)
class _Edition:
    """The rules as of one version of the file and one revision of what the API defined."""

    file: str
    revision: int
    rules: Rules


class Rulebook:
    """Knows the workspace's rules and reads them again when told of a newer revision. Safe to share by threads.

    A workspace that only the API knows has no owner's file.
    """

    def __init__(self, store: Store, workspace: str, owners_file: OwnersFile | None) -> None:
        self._store = store
        self._workspace = workspace
        self._file = owners_file
        self._lock = Lock()
        self._edition: _Edition | None = None

    def current(self, revision: int | None = None) -> Rules:
        """The rules; those known, unless `revision` (as `Store.heads` gives it) is another than theirs."""
        config = self._file.current() if self._file else None
        file = config.version if config else ""
        edition = self._edition
        if edition and edition.file == file and revision in (None, edition.revision):
            return edition.rules
        with self._lock:
            edition = self._read(config, file)
            self._edition = edition
            return edition.rules

    def fresh(self) -> Rules:
        """The rules as the store has them now."""
        workspace = self._store.get(Workspace, self._workspace)
        return self.current(workspace.version if workspace else 0)

    def _read(self, config: Config | None, file: str) -> _Edition:
        stored = self._store.get(Workspace, self._workspace)
        found = [entity for kind in _KINDS for entity in self._all(kind)] if stored else []
        base = owner_rules(config, self._workspace) if config else Rules(workspace=Workspace(sid=self._workspace))
        rules = Rules(
            workspace=_merged(base.workspace, stored),
            activities={**base.activities, **_of(WorkerActivity, found)},
            channels={**base.channels, **_of(TaskChannel, found)},
            queues={**base.queues, **_of(TaskQueue, found)},
            workflows={**base.workflows, **_of(Workflow, found)},
            people=base.people,
        )
        return _Edition(file, stored.version if stored else 0, replace(rules, paths=paths_read(rules)))

    def _all(self, kind: Kind) -> Sequence[object]:
        found: list[object] = []
        while members := self._store.members(all_of(kind), start=len(found), count=_PAGE):
            found += self._store.read(*(Key(kind, sid) for sid in members))
        return found


def _merged(base: Workspace, stored: Workspace | None) -> Workspace:
    """The file names a workspace; what the API may set besides (where events go) is the stored one's."""
    if stored is None or not base.from_file:
        return stored or base
    return replace(stored, name=base.name, from_file=True, multi_task=base.multi_task,
                   default_activity=base.default_activity, timeout_activity=base.timeout_activity)  # fmt: skip


def _of(kind: type[T], found: Sequence[object]) -> dict[str, T]:
    return {entity.sid: entity for entity in found if isinstance(entity, kind)}
