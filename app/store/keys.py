"""What everything of one workspace is called in Redis.

All keys lie under the hash tag `{workspace}:`, so that a workspace lies on one slot of a cluster: a hash of blobs for
each kind of entity (`call`, `task` …), `index:<name>` (a sorted set each), `events` (the stream), `lanes` and
`profiles` (a hash each, of names and texts) and `changes` (how often either changed), `personal:<call>` (a hash), and
`claim:<name>`, `note:<name>`, `count:<name>` (strings that may expire).
"""

import re
from functools import lru_cache

import msgspec

from app.core.entities import Kind
from app.core.indexes import waiting
from app.store.checks import workspace_name


class Keys:
    """The keys of one workspace."""

    def __init__(self, workspace: str) -> None:
        self._prefix = f"{{{workspace_name(workspace)}}}:"
        self._index = self._prefix + "index:"
        self.hashes = {kind: self._prefix + kind.value for kind in Kind}
        self.events = self._prefix + "events"
        self.lanes = self._prefix + "lanes"
        self.profiles = self._prefix + "profiles"
        self.changes = self._prefix + "changes"
        read = (self.hashes[Kind.TASK], self.hashes[Kind.WORKER], self.hashes[Kind.WORKSPACE])
        self.for_heads = tuple(key.encode() for key in (*read, self.changes, self.lanes))
        """The first of the keys that heads.lua is given."""

    def index(self, name: str) -> str:
        """The sorted set of this index."""
        return self._index + name

    def indexes(self, names: tuple[str, ...]) -> tuple[bytes, ...]:
        """The sorted sets of these indexes; matching asks for the same ones again and again."""
        return _together(self._index, names)

    def waiting(self, lanes: tuple[str, ...]) -> tuple[bytes, ...]:
        """The sorted sets of the tasks that wait in these lanes."""
        return _together(self._index + waiting(""), lanes)

    def personal(self, call: str) -> str:
        """The personal record of a call."""
        return f"{self._prefix}personal:{call}"

    def expiring(self, family: str, name: str) -> str:
        """A claim, note or count."""
        return f"{self._prefix}{family}:{name}"

    def pattern(self) -> str:
        """Matches every key of the workspace and no other's."""
        return re.sub(r"([][*?\\^-])", r"\\\1", self._prefix) + "*"


@lru_cache(maxsize=1024)
def _together(prefix: str, names: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple((prefix + name).encode() for name in names)


@lru_cache(maxsize=1024)
def packed_names(names: tuple[str, ...]) -> bytes:
    """Names as one argument of a script: each argument of its own takes its time on either side."""
    return msgspec.msgpack.encode(names)
