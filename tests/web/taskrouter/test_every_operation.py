"""A firm's whole life through the official SDK: all 61 operations, each answered as the specification has it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from twilio.rest import Client

from app.followers.dispatcher import Dispatcher
from tests.web.taskrouter.server import Api, running, sdk_of
from tests.web.taskrouter.spec import Spec
from tests.web.taskrouter.test_statistics import Asked

OPERATIONS = 61
ROUTING = (
    '{"task_routing": {"filters": [{"filter_friendly_name": "Cakes", "expression": "product == \'cake\'",'
    ' "targets": [{"queue": "%s", "timeout": 60}]}], "default_filter": {"queue": "%s"}}}'
)


@dataclass
class Firm:
    """A bakery, and the SDK that runs it."""

    api: Api
    sdk: Client

    def __post_init__(self) -> None:
        self.workspace = self.sdk.taskrouter.v1.workspaces.create(friendly_name="Bakery")
        self.here = self.sdk.taskrouter.v1.workspaces(self.workspace.sid)

    def dispatches(self) -> None:
        """The dispatcher and the feed have their turn."""
        Dispatcher(self.api.context(self.workspace.sid), "test").step()
        self.api.tell(self.workspace.sid)


@pytest.fixture
def firm() -> Iterator[Firm]:
    """A bakery on a server of its own, whose judge has seen nothing else."""
    with running(Spec()) as api, sdk_of(api) as sdk:
        yield Firm(api, sdk)


def test_a_firm_can_be_run_from_its_first_day_to_its_last_with_every_operation(firm: Firm) -> None:
    names = _defines(firm)
    reservation = _serves(firm, names)
    _looks_at_everything(firm, names, reservation)
    _closes(firm, names)

    if not firm.api.spec.is_here:
        pytest.skip("the published specification is not beside the repository: the answers were not judged")
    assert firm.api.spec.seen == firm.api.spec.operations
    assert len(firm.api.spec.operations) == OPERATIONS


def _defines(firm: Firm) -> dict[str, Any]:
    """Everything the firm consists of, each made, changed and looked up."""
    here = firm.here
    here.update(friendly_name="The Bakery")
    lunch = here.activities.create(friendly_name="Lunch", available=False)
    here.activities(lunch.sid).update(friendly_name="Long lunch")
    channel = here.task_channels.create(friendly_name="Letters", unique_name="letters")
    here.task_channels(channel.sid).update(channel_optimized_routing=True)
    queue = here.task_queues.create(friendly_name="Cakes", target_workers="skills HAS 'cake'")
    here.task_queues(queue.sid).update(max_reserved_workers=2)
    workflow = here.workflows.create(friendly_name="Orders", configuration=ROUTING % (queue.sid, queue.sid))
    here.workflows(workflow.sid).update(task_reservation_timeout=30)
    (available,) = here.activities.list(friendly_name="Available")
    worker = here.workers.create(friendly_name="Ana", attributes='{"skills": ["cake"]}', activity_sid=available.sid)
    here.workers(worker.sid).update(attributes='{"skills": ["cake", "bread"]}')
    return {"lunch": lunch, "channel": channel, "queue": queue, "workflow": workflow, "worker": worker}


def _serves(firm: Firm, names: dict[str, Any]) -> Any:
    """A task is submitted, offered, taken, wrapped up and completed; another is offered and refused."""
    here, worker = firm.here, firm.here.workers(names["worker"].sid)
    for channel in worker.worker_channels.list():
        worker.worker_channels(channel.sid).update(capacity=3)
        assert worker.worker_channels(channel.sid).fetch().configured_capacity == 3
    task = here.tasks.create(workflow_sid=names["workflow"].sid, attributes='{"product": "cake"}', task_channel="voice")
    firm.dispatches()
    (reservation,) = here.tasks(task.sid).reservations.list()
    assert worker.reservations(reservation.sid).fetch().reservation_status == "pending"
    here.tasks(task.sid).reservations(reservation.sid).update(reservation_status="accepted")
    assert here.tasks(task.sid).fetch().assignment_status == "assigned"
    here.tasks(task.sid).update(assignment_status="wrapping", reason="the cake is ready")
    here.tasks(task.sid).update(assignment_status="completed", reason="the cake was fetched")
    assert here.tasks(task.sid).reservations(reservation.sid).fetch().reservation_status == "completed"

    other = here.tasks.create(workflow_sid=names["workflow"].sid, attributes='{"product": "bread"}')
    firm.dispatches()
    (offer,) = worker.reservations.list(reservation_status="pending")
    worker.reservations(offer.sid).update(reservation_status="rejected")
    assert here.tasks.list(assignment_status="pending")[0].sid == other.sid
    here.tasks(other.sid).delete()
    firm.dispatches()
    return reservation


def _looks_at_everything(firm: Firm, names: dict[str, Any], reservation: Any) -> None:
    """Every list, every single thing, and every number there is about them."""
    here, sdk = firm.here, firm.sdk.taskrouter.v1
    assert names["queue"].sid in [queue.sid for queue in here.task_queues.list()]
    assert here.task_queues(names["queue"].sid).fetch().friendly_name == "Cakes"
    assert here.workflows(names["workflow"].sid).fetch().task_reservation_timeout == 30
    assert here.activities(names["lunch"].sid).fetch().friendly_name == "Long lunch"
    assert here.task_channels(names["channel"].sid).fetch().unique_name == "letters"
    assert here.workers(names["worker"].sid).fetch().friendly_name == "Ana"
    assert [each.sid for each in here.workflows.list()] == [names["workflow"].sid]
    assert [each.sid for each in here.workers.list()] == [names["worker"].sid]
    assert len(here.task_channels.list()) == 6
    assert firm.workspace.sid in [each.sid for each in sdk.workspaces.list()]
    assert here.fetch().friendly_name == "The Bakery"
    accepted = here.events.list(event_type="reservation.accepted")
    assert [event.resource_sid for event in accepted] == [reservation.sid]
    assert here.events(accepted[0].sid).fetch().event_type == "reservation.accepted"
    _counts(firm, names)


def _counts(firm: Firm, names: dict[str, Any]) -> None:
    here = firm.here
    queue, workflow = here.task_queues(names["queue"].sid), here.workflows(names["workflow"].sid)
    assert here.cumulative_statistics().fetch().reservations_accepted == 1
    assert here.real_time_statistics().fetch().total_workers == 1
    assert here.statistics().fetch().cumulative["tasks_completed"] == 1
    assert queue.cumulative_statistics().fetch().reservations_rejected == 1
    assert queue.real_time_statistics().fetch().total_eligible_workers == 1
    assert queue.statistics().fetch().realtime["total_tasks"] == 0
    assert len(here.task_queues.statistics.list()) == 1
    bulk = here.task_queues.bulk_real_time_statistics.create(Asked(names["queue"].sid))
    assert bulk.task_queue_response_count == 1
    assert workflow.cumulative_statistics().fetch().reservations_created == 2
    assert workflow.real_time_statistics().fetch().total_tasks == 0
    assert workflow.statistics().fetch().cumulative["tasks_entered"] == 2
    assert here.workers.statistics().fetch().realtime["total_workers"] == 1
    assert here.workers.cumulative_statistics().fetch().reservations_accepted == 1
    assert here.workers.real_time_statistics().fetch().total_workers == 1
    assert here.workers(names["worker"].sid).statistics().fetch().cumulative["reservations_accepted"] == 1


def _closes(firm: Firm, names: dict[str, Any]) -> None:
    """Everything is taken down again, what depends on other things first."""
    here = firm.here
    here.workflows(names["workflow"].sid).delete()
    here.task_queues(names["queue"].sid).delete()
    here.workers(names["worker"].sid).delete()
    here.task_channels(names["channel"].sid).delete()
    here.activities(names["lunch"].sid).delete()
    assert firm.sdk.taskrouter.v1.workspaces(firm.workspace.sid).delete()
