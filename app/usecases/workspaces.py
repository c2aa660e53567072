"""Every workspace of this installation: that of the owner's file, and those the API made, each with its own store."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Lock

from app.core.change import Change, Write
from app.core.entities import Kind
from app.core.indexes import all_of
from app.core.routing import sids
from app.core.routing.definitions import Workspace
from app.ports.store import Conflict, Store
from app.usecases.context import Context

_PAGE = 1000


class Workspaces:
    """Finds workspaces by SID. The store of `home` (the owner's workspace) registers all others.

    `opened` gives the live state of the workspace of that name. Safe to share by threads.
    """

    def __init__(self, home: Context, opened: Callable[[str], Store]) -> None:
        self.home = home
        self._opened = opened
        self._contexts: dict[str, Context] = {}
        self._lock = Lock()

    @property
    def home_sid(self) -> str:
        """The SID of the owner's workspace."""
        return sids.public(sids.WORKSPACE, "", self.home.workspace)

    def find(self, sid: str) -> Context | None:
        """The world of a workspace, or None if there is none of this SID."""
        if sid == self.home_sid:
            return self.home
        if not sids.is_sid(sid) or self.home.store.get(Workspace, sid) is None:
            return None
        return self._context(sid)

    def all(self) -> Iterator[Context]:
        """Every workspace, the owner's first, then as they were made."""
        yield self.home
        start = 0
        while members := self.home.store.members(all_of(Kind.WORKSPACE), start=start, count=_PAGE):
            yield from (self._context(sid) for sid in members if sids.is_sid(sid))
            start += len(members)

    def register(self, sid: str, name: str, now: int) -> Context | None:
        """Makes room for a new workspace; None if its SID is taken. Its own `Workspace` is for the caller to store."""
        entry = Workspace(sid=sid, name=name, created=now, updated=now)
        if isinstance(self.home.store.commit(Change((Write(None, entry),))), Conflict):
            return None
        return self._context(sid)

    def forget(self, sid: str) -> None:
        """Removes a workspace and everything in it."""
        entry = self.home.store.get(Workspace, sid)
        if entry is not None:
            self.home.store.commit(Change((Write(entry, None),)))
        self._opened(sid).drop()
        with self._lock:
            self._contexts.pop(sid, None)

    def _context(self, sid: str) -> Context:
        with self._lock:
            if sid not in self._contexts:
                self._contexts[sid] = replace(self.home, store=self._opened(sid), workspace=sid, of_file=False)
            return self._contexts[sid]
