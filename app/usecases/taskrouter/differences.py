"""What is not as at Twilio for a workspace that was imported, and what its owner has to change for it to run here."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.core.routing.definitions import Workflow
from app.usecases.taskrouter.exported import Exported

_LISTED = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs; `do` is what to do about it, "" for nothing."""

    about: str
    here: str
    do: str = ""


def enqueue_path(workspace: str, workflow: str) -> str:
    """Where calls of a workflow are sent, in place of `<Enqueue workflowSid>`."""
    return f"/voice/enqueue/{workspace}/{workflow}"


def differences(exported: Exported) -> tuple[Difference, ...]:
    """All that matters for this workspace, what has to be done first."""
    return (*_to_do(exported), *_to_know(exported))


def _to_do(exported: Exported) -> Iterator[Difference]:
    yield Difference(
        "calls",
        "<Enqueue workflowSid> runs at Twilio and knows only Twilio's workflows",
        "answer with a <Redirect> to the address shown for each workflow (docs/taskrouter-calls.md)",
    )
    yield Difference(
        "TaskRouter.js", "it is not served yet",
        "agents have their telephones, or a desktop of yours uses the REST API",
    )  # fmt: skip
    available = sum(worker.available for worker in exported.workers)
    if available:
        yield Difference(
            "workers", f"{available} are in an available activity, as at the account, and are offered tasks at once",
            "set them to another activity at the account, or here, so that nobody is offered work twice",
        )  # fmt: skip
    without = [worker.name for worker in exported.workers if not worker.attributes.get("contact_uri")]
    if without:
        yield Difference(
            "dequeue", f"{len(without)} workers have no contact_uri, which it calls unless told otherwise: "
            f"{_some(without)}", "add it to their attributes, or say `to` in the instruction",
        )  # fmt: skip
    silent = [workflow.name for workflow in exported.workflows if not workflow.callback_url]
    if silent:
        yield Difference(
            "assignment callbacks", f"these workflows have none: {_some(silent)}",
            "accept reservations over the REST API, or give them an AssignmentCallbackUrl",
        )  # fmt: skip


def _to_know(exported: Exported) -> Iterator[Difference]:
    lifo = [queue.name for queue in exported.queues if queue.lifo]
    if lifo:
        first = "LIFO" if exported.workspace.lifo_first else "FIFO"
        yield Difference(
            "LIFO", f"newest first whatever the priority, as at Twilio: {_some(lifo)}; where a worker serves both "
            f"kinds, PrioritizeQueueOrder {first} decides",
        )  # fmt: skip
    yield Difference(
        "ageing", "off, as at Twilio: priority is strict, so a task of low priority can wait without bound; "
        "queues of the owner's file can have it",
    )  # fmt: skip
    if exported.workspace.event_callback_url:
        yield Difference(
            "events", "posted to the same EventCallbackUrl, signed with this installation's TWILIO_AUTH_TOKEN; "
            "Event Streams are not served",
        )  # fmt: skip
    else:
        yield Difference("events", "kept here and read from /Events; Event Streams are not served")
    yield Difference(
        "canceled calls", "a caller whose task is canceled is taken off hold and goes on to Action; at Twilio they "
        "stay in the music",
    )  # fmt: skip
    yield Difference("history", "tasks in progress, past events and statistics stay at the account")


def addresses(exported: Exported, base: str) -> tuple[tuple[Workflow, str], ...]:
    """Each workflow with the address to which its calls are sent."""
    sid = exported.workspace.sid
    return tuple((workflow, base + enqueue_path(sid, workflow.sid)) for workflow in exported.workflows)


def _some(names: list[str]) -> str:
    return ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
