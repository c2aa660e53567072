"""Task channels of a workspace: the kinds of work of which workers take so many at once."""

from dataclasses import dataclass, replace

from app.core.routing import sids
from app.core.routing.definitions import DEFAULT_CHANNELS, Rules, TaskChannel
from app.usecases.context import Context
from app.usecases.taskrouter import definitions
from app.usecases.taskrouter.definitions import Sort, any_task
from app.usecases.taskrouter.naming import channel_of
from app.usecases.taskrouter.wording import Refusal, Why

CHANNELS: Sort[TaskChannel] = Sort(sids.CHANNEL, "TaskChannel", 15, lambda rules: rules.channels)
ALWAYS_THERE = DEFAULT_CHANNELS[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFields:
    """What a request says of a channel; None: nothing. The unique name is said once, at its creation."""

    name: str | None = None
    optimized: bool | None = None


def find_channel(rules: Rules, sid_or_name: str) -> TaskChannel | Refusal:
    """The channel of this SID or unique name."""
    found = channel_of(rules, sid_or_name)
    return found or Refusal(Why.NOT_FOUND, f"{CHANNELS.noun} {sid_or_name[:64]} was not found")


def create_channel(context: Context, unique_name: str, fields: ChannelFields) -> TaskChannel | Refusal:
    """A new channel."""

    def make(rules: Rules, sid: str, now: int) -> TaskChannel | Refusal:
        if any(channel.unique_name == unique_name for channel in rules.channels.values()):
            message = f"TaskChannel with the unique name {unique_name} already exists in this workspace"
            return Refusal(Why.TAKEN, message, "UniqueName")
        return _said(TaskChannel(sid=sid, unique_name=unique_name, created=now, updated=now), fields)

    return definitions.create(context, CHANNELS, unique_name, make)


def update_channel(context: Context, sid_or_name: str, fields: ChannelFields) -> TaskChannel | Refusal:
    """The channel as the request would have it."""
    return definitions.update(context, CHANNELS, _sid(context, sid_or_name), lambda _, channel: _said(channel, fields))


def delete_channel(context: Context, sid_or_name: str) -> TaskChannel | Refusal:
    """Removes a channel on which there is no work."""
    return definitions.delete(
        context,
        CHANNELS,
        _sid(context, sid_or_name),
        lambda _, channel: _use(context, channel.sid, channel.unique_name),
    )


def _use(context: Context, sid: str, unique_name: str) -> str:
    if unique_name == ALWAYS_THERE:
        return f"TaskChannel {unique_name} is where tasks go that name no other"
    if any_task(context, lambda task: task.channel in (sid, unique_name)):
        return f"Tasks of TaskChannel {unique_name} have not ended"
    return ""


def _said(channel: TaskChannel, fields: ChannelFields) -> TaskChannel:
    return replace(
        channel,
        name=channel.name if fields.name is None else fields.name,
        optimized=channel.optimized if fields.optimized is None else fields.optimized,
    )


def _sid(context: Context, sid_or_name: str) -> str:
    """The public SID of a channel that may be called by its unique name."""
    found = channel_of(context.rules.fresh(), sid_or_name)
    return sids.public(sids.CHANNEL, context.workspace, found.sid) if found else sid_or_name
