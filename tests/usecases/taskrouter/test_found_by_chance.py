"""What the state machine found: each mistake in its smallest form."""

import json
from dataclasses import replace

from app.core.change import update
from app.core.entities import Reservation, TaskState
from app.usecases.deadlines import look_after_due
from app.usecases.dispatching import dispatch, dispatch_everything, openings
from app.usecases.staffing import sync_workers
from app.usecases.taskrouter.reservations import accept, reject
from app.usecases.taskrouter.tasks import TaskUpdate, update_task
from app.usecases.taskrouter.workers import WorkerUpdate, update_worker
from app.usecases.taskrouter.workflows import WorkflowFields, update_workflow
from tests.usecases.taskrouter.bakery import AWAY, BREAD, CAKE, FLOW, Bakery


def test_a_task_whose_time_is_over_is_offered_to_nobody(bakery: Bakery) -> None:
    task = bakery.order(timeout=60)
    bakery.clock.advance_seconds(60)
    bakery.baker("Ann")
    dispatch_everything(bakery.context)
    assert bakery.now(task).reservations == ()
    bakery.later(0)
    assert bakery.now(task).reason == "Task TTL Exceeded"


def test_who_is_away_with_full_hands_is_asked_for_what_takes_no_account_of_either(bakery: Bakery) -> None:
    baker = bakery.baker("Ann")
    for channel in ("default", "chat"):
        (offer,) = bakery.offered(bakery.order(channel=channel))
        accept(bakery.context, offer.sid)
    update_worker(bakery.context, baker.sid, WorkerUpdate(activity=AWAY))

    assert len(bakery.offered(bakery.order(routing_target=baker.sid))) == 1


def test_who_was_just_given_all_they_can_take_is_still_asked_for_what_takes_no_account_of_that(bakery: Bakery) -> None:
    baker = bakery.baker("Ann")
    tasks = [bakery.order(), bakery.order(routing_target=baker.sid)]
    dispatch_everything(bakery.context)
    assert [len(bakery.now(task).reservations) for task in tasks] == [1, 1]


def test_who_declined_is_not_asked_again_because_the_other_was_just_given_something_else(bakery: Bakery) -> None:
    bakers = [bakery.baker(name) for name in ("Ann", "Bob")]
    bakery.clock.advance_seconds(1)
    task = bakery.order(channel="chat")
    (offer,) = bakery.offered(task)
    reject(bakery.context, offer.sid)
    bakery.order(priority=9)
    (again,) = bakery.offered(task)
    assert {offer.worker, again.worker} == {baker.sid for baker in bakers}


def test_a_task_that_waits_by_an_earlier_configuration_still_finds_the_workers_it_asks_for(bakery: Bakery) -> None:
    asks = {"queue": BREAD, "expression": "worker.oven == task.oven"}
    routing = {"filters": [{"expression": "1==1", "targets": [asks]}]}
    everybody = {"filters": [], "default_filter": {"queue": BREAD}}
    update_workflow(bakery.context, FLOW, WorkflowFields(configuration=json.dumps({"task_routing": routing})))
    task = bakery.order({"oven": "stone"})
    update_workflow(bakery.context, FLOW, WorkflowFields(configuration=json.dumps({"task_routing": everybody})))
    bakery.baker("Ann", oven="stone")
    sync_workers(bakery.context)
    assert len(bakery.offered(task)) == 1


def test_wrap_up_that_runs_out_brings_the_worker_into_the_activity_set_for_then(bakery: Bakery) -> None:
    baker = bakery.baker("Ann")
    task = bakery.order()
    (offer,) = bakery.offered(task)
    accept(bakery.context, offer.sid)
    held = bakery.store.get(Reservation, offer.sid)
    assert held is not None
    bakery.store.commit(update(held, replace(held, after=AWAY)))
    update_task(bakery.context, task.sid, TaskUpdate(status=TaskState.WRAPPING))

    bakery.later(86_401)

    assert bakery.now(task).state is TaskState.COMPLETED
    assert bakery.of(baker).activity == AWAY


def test_a_dispatcher_who_was_not_told_of_new_rules_moves_tasks_by_them_all_the_same(bakery: Bakery) -> None:
    other = replace(bakery.context)
    assert FLOW in other.rules.current().workflows
    targets = [{"queue": CAKE, "timeout": 60}, {"queue": BREAD}]
    routing = {"filters": [{"expression": "1==1", "targets": targets}]}
    update_workflow(bakery.context, FLOW, WorkflowFields(configuration=json.dumps({"task_routing": routing})))
    task = bakery.order({"kind": "cake"})
    bakery.clock.advance_seconds(60)
    look_after_due(other)
    assert (bakery.now(task).state, bakery.now(task).queue) == (TaskState.PENDING, BREAD)


def test_a_task_whose_place_its_workflow_lost_is_looked_at_where_it_stands_then(bakery: Bakery) -> None:
    nobody = {"queue": BREAD, "timeout": 60, "known_worker_friendly_name": "task.agent"}
    first = {"filters": [{"expression": "1==1", "targets": [nobody]}]}
    update_workflow(bakery.context, FLOW, WorkflowFields(configuration=json.dumps({"task_routing": first})))
    task = bakery.order()
    then = {"filters": [], "default_filter": {"queue": BREAD}}
    update_workflow(bakery.context, FLOW, WorkflowFields(configuration=json.dumps({"task_routing": then})))
    bakery.baker("Ann")
    assert bakery.offered(task) == []

    bakery.clock.advance_seconds(60)
    seen = bakery.store.snapshot().event
    look_after_due(bakery.context)
    dispatch(bakery.context, openings(bakery.context, bakery.store.since(seen)))

    assert len(bakery.now(task).reservations) == 1
