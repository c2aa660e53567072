"""Who served a caller last: remembered when they part, and asked for first when the caller comes again."""

from dataclasses import replace

from app.core.change import Change, Write
from app.core.config import Config, TargetKind
from app.core.entities import Call, Caller, Worker
from app.core.skills import serving
from app.core.workflow import DAY_MS
from app.usecases.context import Context

REMEMBERED_AGENTS = 5


def last_agent(context: Context, call: Call, config: Config) -> str:
    """The agent for whom this caller is to wait in the queue they are sent to; "" if for nobody in particular.

    That is who last served the number, of those who may serve the queue, if they are on duty.
    """
    target = call.destination
    queue = config.queues.get(target.value) if target and target.kind is TargetKind.QUEUE else None
    if queue is None or queue.last_agent is None or not call.caller:
        return ""
    caller = context.store.get(Caller, call.caller)
    since = context.clock.now() - queue.last_agent.days * DAY_MS
    served = {name: at for name, at in caller.served.items() if at >= since} if caller else {}
    latest = max(served.keys() & set(serving(config, queue.name)), key=lambda name: (served[name], name), default="")
    worker = context.store.get(Worker, latest) if latest else None
    return latest if worker is not None and worker.available else ""


def remembered(context: Context, call: Call, agent: str, config: Config) -> Change:
    """The caller has talked to this agent; nothing is kept where no queue asks for it."""
    if not call.caller or not any(queue.last_agent for queue in config.queues.values()):
        return Change()
    caller = context.store.get(Caller, call.caller)
    if caller is None:
        return Change()
    served = {**caller.served, agent: context.clock.now()}
    latest = sorted(served.items(), key=lambda item: item[1])[-REMEMBERED_AGENTS:]
    return Change((Write(caller, replace(caller, served=dict(latest))),))
