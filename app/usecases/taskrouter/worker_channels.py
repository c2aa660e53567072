"""How many tasks of each channel a worker takes at once, and whether any at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.change import NOTHING, Change, update
from app.core.entities import ChannelCapacity, Worker
from app.core.events import Event, EventType, Plain
from app.core.routing import sids
from app.core.routing.definitions import Rules, TaskChannel
from app.usecases.context import Context, settle
from app.usecases.taskrouter import lookups
from app.usecases.taskrouter.naming import channel_of
from app.usecases.taskrouter.wording import Refusal, Why

NO_ROOM = ChannelCapacity(capacity=0)
"""What a worker has of a channel that nobody has given them."""


@dataclass(frozen=True, slots=True)
class WorkerChannel:
    """One channel of one worker."""

    sid: str
    worker: Worker
    channel: TaskChannel

    @property
    def room(self) -> ChannelCapacity:
        """How much the worker takes."""
        return self.worker.channels.get(self.channel.unique_name, NO_ROOM)

    @property
    def held(self) -> int:
        """How many tasks of the channel the worker holds."""
        return self.worker.held.get(self.channel.unique_name, 0)

    @property
    def free_percentage(self) -> int:
        """The part of the capacity that is free."""
        capacity = self.room.capacity
        return 100 * max(0, capacity - self.held) // capacity if capacity else 0


def channels_of(context: Context, worker_sid: str) -> Sequence[WorkerChannel] | Refusal:
    """Every channel of a worker."""
    rules = context.rules.fresh()
    worker = lookups.worker_of(context, rules, worker_sid)
    if isinstance(worker, Refusal):
        return worker
    return [_of(rules, worker, channel) for channel in rules.channels.values()]


def channel_of_worker(context: Context, worker_sid: str, sid_or_name: str) -> WorkerChannel | Refusal:
    """A worker's channel by its own SID, the task channel's SID or its unique name."""
    rules = context.rules.fresh()
    worker = lookups.worker_of(context, rules, worker_sid)
    return worker if isinstance(worker, Refusal) else _found(rules, worker, sid_or_name)


def update_channel(
    context: Context, worker_sid: str, sid_or_name: str, capacity: int | None, available: bool | None
) -> WorkerChannel | Refusal:
    """Gives a worker more or less room on a channel; what they hold they keep, even if it is more than that."""

    def decide() -> tuple[Change, WorkerChannel | Refusal]:
        found = channel_of_worker(context, worker_sid, sid_or_name)
        if isinstance(found, Refusal):
            return NOTHING, found
        change = _changed(found, capacity, available, context.clock.now())
        return change, replace(found, worker=lookups.committed(change, found.worker))

    return settle(context.store, decide)


def _changed(found: WorkerChannel, capacity: int | None, available: bool | None, now: int) -> Change:
    before = found.room
    after = ChannelCapacity(
        capacity=before.capacity if capacity is None else capacity,
        available=before.available if available is None else available,
    )
    if after == before:
        return NOTHING
    worker, name = found.worker, found.channel.unique_name
    data: dict[str, Plain] = {
        "channel": name, "capacity": after.capacity, "previous": before.capacity, "available": after.available,
        "held": found.held,
    }  # fmt: skip
    kinds = {
        EventType.WORKER_CAPACITY: after.capacity != before.capacity,
        EventType.WORKER_CHANNEL: after.available != before.available,
    }
    events = [Event(type=kind, at=now, worker=worker.sid, data=data) for kind, changed in kinds.items() if changed]
    return update(worker, replace(worker, channels={**worker.channels, name: after}, updated=now), *events)


def _found(rules: Rules, worker: Worker, sid_or_name: str) -> WorkerChannel | Refusal:
    channel = channel_of(rules, sid_or_name)
    if channel:
        return _of(rules, worker, channel)
    own = (_of(rules, worker, each) for each in rules.channels.values())
    missing = Refusal(Why.NOT_FOUND, f"WorkerChannel {sid_or_name[:64]} was not found")
    return next((each for each in own if each.sid == sid_or_name), missing)


def _of(rules: Rules, worker: Worker, channel: TaskChannel) -> WorkerChannel:
    sid = sids.derive(sids.WORKER_CHANNEL, rules.workspace.sid, worker.sid, channel.unique_name)
    return WorkerChannel(sid, worker, channel)
