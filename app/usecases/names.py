"""Workers by name: what people call them, and how one is found by it without looking at the others."""

from app.core.entities import Key, Kind, Worker
from app.core.routing import sids
from app.core.routing.definitions import Rules
from app.usecases.context import Context


def is_made(sid: str) -> bool:
    """Whether the API made the worker of this inner sid; the others are those of the owner's file."""
    return sids.is_sid(sid) and sid.startswith(sids.WORKER)


def is_present(worker: Worker, rules: Rules) -> bool:
    """Whether the API shows a worker at all."""
    return is_made(worker.sid) or worker.sid in rules.people


def friendly_name(worker: Worker) -> str:
    """What people call the worker: those of the owner's file by the name they have there."""
    return worker.name or worker.sid


def worker_named(context: Context, rules: Rules, name: str) -> Worker | None:
    """The worker of this friendly name, whatever its case, found without looking at the others."""
    wanted = name.casefold()
    candidates = [person for person in rules.people if person.casefold() == wanted]
    noted = context.store.noted(name_note(name))
    candidates += [named_sid(context, name), *([noted] if noted else [])]
    found = context.store.read(*(Key(Kind.WORKER, sid) for sid in dict.fromkeys(candidates)))
    workers = (worker for worker in found if isinstance(worker, Worker) and is_present(worker, rules))
    return next((worker for worker in workers if friendly_name(worker).casefold() == wanted), None)


def named_sid(context: Context, name: str) -> str:
    """The SID that a worker made under this name has: two of one name cannot be made, not even at the same time."""
    return sids.derive(sids.WORKER, sids.public(sids.WORKSPACE, "", context.workspace), name.casefold())


def name_note(name: str) -> str:
    """The note that says whose name this is, where their SID does not (they once had another name)."""
    return f"worker-name:{name.casefold()}"
