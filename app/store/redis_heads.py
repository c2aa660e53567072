"""What the script `heads` answers, as values."""

from collections.abc import Mapping, Sequence
from typing import cast

from app.core.entities import Kind, Task, Worker
from app.ports.store import Heads
from app.store.codec import unpack, version_of
from app.store.server import Reply


def heads_of(reply: Sequence[Reply], lanes: Sequence[str], idle: Sequence[str], named: Sequence[str]) -> Heads:
    """The heads of what was asked for, in the script's order."""
    lane_changes, profile_changes, workspace, flat, free, sids, blobs = reply
    workers = _workers(sids, blobs)
    return Heads(
        tasks=_by_lane(lanes, flat),
        workers={
            name: tuple(workers[sid] for sid in found if sid in workers) if found else ()
            for name, found in zip(idle, free, strict=True)
        },
        named={sid: workers[sid.encode()] for sid in named if sid.encode() in workers},
        lanes=int(lane_changes or 0),
        profiles=int(profile_changes or 0),
        revision=version_of(workspace) if workspace else 0,
    )


def _workers(sids: Sequence[bytes], blobs: Sequence[bytes | None]) -> Mapping[bytes, Worker]:
    pairs = zip(sids, blobs, strict=True)
    return {sid: cast("Worker", unpack(Kind.WORKER, sid.decode(), blob)) for sid, blob in pairs if blob}


def _by_lane(lanes: Sequence[str], flat: Sequence[Reply]) -> dict[str, tuple[Task, ...]]:
    """The tasks that come in turn with the number of their lane."""
    found: dict[str, tuple[Task, ...]] = dict.fromkeys(lanes, ())
    for number, sid, blob in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        if blob:
            found[lanes[number - 1]] += (cast("Task", unpack(Kind.TASK, sid.decode(), blob)),)
    return found
