"""Workspaces, activities, channels, queues and workflows through the official SDK, judged by the specification."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace import WorkspaceContext, WorkspaceInstance

from app.core.entities import Task
from app.core.events import EventType
from app.core.routing import sids
from app.core.routing.definitions import Workspace
from tests.builders import a_task, a_worker
from tests.web.taskrouter.server import Api


def workflow_to(*queues: str, **target: Any) -> str:
    """A workflow's configuration: every task goes to these queues, one after the other."""
    targets = [{"queue": queue, "timeout": 10, **target} for queue in queues]
    return json.dumps({
        "task_routing": {
            "filters": [{"filter_friendly_name": "all", "expression": "1==1", "targets": targets}],
            "default_filter": {"queue": queues[-1]},
        }
    })  # fmt: skip


def refusal_of(action: Callable[[], object]) -> tuple[int | None, int | None, str]:
    """Status, code and message with which the API refuses an action."""
    with pytest.raises(TwilioRestException) as refused:
        action()
    return refused.value.status, refused.value.code, refused.value.msg


@pytest.fixture
def made(client: Client) -> WorkspaceInstance:
    """A workspace that the API made."""
    return client.taskrouter.v1.workspaces.create(friendly_name="Bakery")


@pytest.fixture
def bakery(client: Client, made: WorkspaceInstance) -> WorkspaceContext:
    """What is in the bakery's workspace."""
    assert made.sid is not None
    return client.taskrouter.v1.workspaces(made.sid)


# --- workspaces ----------------------------------------------------------------------------------------------------


def test_a_new_workspace_has_the_documented_activities_and_channels(
    made: WorkspaceInstance, bakery: WorkspaceContext
) -> None:
    assert {each.friendly_name: each.available for each in bakery.activities.list()} == {
        "Offline": False, "Available": True, "Unavailable": False,
    }  # fmt: skip
    assert {each.unique_name for each in bakery.task_channels.list()} == {"default", "voice", "chat", "sms", "video"}
    assert (made.default_activity_name, made.timeout_activity_name) == ("Offline", "Offline")
    assert (made.multi_task_enabled, made.prioritize_queue_order) == (True, "FIFO")
    assert bakery.task_queues.list() == bakery.workflows.list() == []


def test_the_fifo_template_brings_a_queue_and_a_workflow_that_leads_to_it(client: Client) -> None:
    made = client.taskrouter.v1.workspaces.create(friendly_name="Shop", template="FIFO")
    (queue,), (workflow,) = made.task_queues.list(), made.workflows.list()
    assert json.loads(workflow.configuration or "")["task_routing"]["default_filter"] == {"queue": queue.sid}


def test_a_workspace_is_changed_found_by_name_and_removed_with_all_in_it(
    client: Client, made: WorkspaceInstance, bakery: WorkspaceContext
) -> None:
    available = next(each for each in bakery.activities.list() if each.available)
    assert available.sid is not None
    changed = bakery.update(
        friendly_name="Ovens", event_callback_url="https://example.com/events", prioritize_queue_order="LIFO",
        events_filter="task.created, task.canceled", default_activity_sid=available.sid,
    )  # fmt: skip
    assert (changed.friendly_name, changed.default_activity_name) == ("Ovens", "Available")
    assert (changed.events_filter, changed.prioritize_queue_order) == ("task.created,task.canceled", "LIFO")
    assert [each.sid for each in client.taskrouter.v1.workspaces.list(friendly_name="Ovens")] == [made.sid]
    assert bakery.delete()
    assert refusal_of(bakery.fetch)[:2] == (404, 20404)


def test_workspaces_of_one_name_have_sids_of_their_own_that_any_machine_would_give_them(
    client: Client, made: WorkspaceInstance
) -> None:
    second = client.taskrouter.v1.workspaces.create(friendly_name="Bakery")
    assert made.sid == sids.derive("WS", "Bakery")
    assert second.sid == sids.derive("WS", "Bakery", "2")


def test_a_workspace_does_not_go_back_to_one_task_at_a_time(client: Client, bakery: WorkspaceContext) -> None:
    status, code, message = refusal_of(lambda: bakery.update(multi_task_enabled=False))
    assert (status, code) == (400, 20001)
    assert "MultiTaskEnabled" in message
    single = client.taskrouter.v1.workspaces.create(friendly_name="Legacy", multi_task_enabled=False)
    assert single.multi_task_enabled is False
    assert single.update(multi_task_enabled=True).multi_task_enabled is True


def test_the_owners_workspace_is_read_only_but_for_where_its_events_go(api: Api, client: Client) -> None:
    home = client.taskrouter.v1.workspaces(api.home_sid)
    assert home.fetch().friendly_name == "Unicone"
    assert home.update(event_callback_url="https://example.com/e").event_callback_url == "https://example.com/e"
    assert refusal_of(lambda: home.update(friendly_name="Mine"))[:2] == (409, 20409)
    assert refusal_of(home.delete)[:2] == (409, 20409)
    assert home.fetch().friendly_name == "Unicone"


# --- what comes from the owner's file ------------------------------------------------------------------------------


def test_what_the_owners_file_says_is_shown_and_cannot_be_changed(api: Api, client: Client) -> None:
    home = client.taskrouter.v1.workspaces(api.home_sid)
    queue = next(each for each in home.task_queues.list() if each.friendly_name == "sales")
    assert queue.target_workers == "skills HAS 'sales'"
    (workflow,) = home.workflows.list()
    (channel, *_), (activity, *_) = home.task_channels.list(), home.activities.list()
    attempts: list[Callable[[], object]] = [
        lambda: queue.update(friendly_name="mine"), queue.delete, lambda: workflow.update(friendly_name="mine"),
        workflow.delete, channel.delete, activity.delete, lambda: activity.update(friendly_name="mine"),
    ]  # fmt: skip
    before = api.home.rules.fresh()
    for attempt in attempts:
        status, code, message = refusal_of(attempt)
        assert (status, code) == (409, 20409)
        assert "owner's file" in message
    assert api.home.rules.fresh() == before


def test_a_queue_beside_the_owners_own_is_made_in_a_store_that_never_knew_a_workspace(api: Api, client: Client) -> None:
    queue = client.taskrouter.v1.workspaces(api.home_sid).task_queues.create(friendly_name="wholesale")
    stored = api.home.store.get(Workspace, api.home.workspace)
    assert stored is not None
    assert stored.revision == 1
    assert queue.sid in api.home.rules.fresh().queues


def test_a_workflow_may_lead_to_the_owners_queues_by_their_sid_or_their_name(api: Api, client: Client) -> None:
    home = client.taskrouter.v1.workspaces(api.home_sid)
    sales = next(each for each in home.task_queues.list() if each.friendly_name == "sales")
    assert sales.sid is not None
    for reference in (sales.sid, "sales"):
        workflow = home.workflows.create(friendly_name=reference, configuration=workflow_to(reference))
        default = json.loads(workflow.configuration or "")["task_routing"]["default_filter"]
        assert default == {"queue": sales.sid}
        assert '"queue": "sales"' in api.home.rules.fresh().workflows[str(workflow.sid)].configuration


# --- activities, channels ------------------------------------------------------------------------------------------


def test_whether_an_activity_is_available_is_said_once_and_for_all(api: Api, bakery: WorkspaceContext) -> None:
    made = bakery.activities.create(friendly_name="baking", available=True)
    path = f"/Workspaces/{made.workspace_sid}/Activities/{made.sid}"
    answer = api.http("POST", path, data={"Available": "false"})
    assert (answer.status_code, answer.json()["available"]) == (200, True)


def test_two_activities_cannot_have_one_name(bakery: WorkspaceContext) -> None:
    made = bakery.activities.create(friendly_name="baking")
    assert refusal_of(lambda: bakery.activities.create(friendly_name="baking"))[:2] == (400, 20001)
    assert refusal_of(lambda: made.update(friendly_name="Offline"))[:2] == (400, 20001)
    assert made.update(friendly_name="baking").friendly_name == "baking"


def test_an_activity_that_somebody_is_in_or_that_is_the_default_stays(api: Api, bakery: WorkspaceContext) -> None:
    baking = bakery.activities.create(friendly_name="baking", available=True)
    workspace = str(baking.workspace_sid)
    api.exists(workspace, a_worker("WK" + "1" * 32, activity=str(baking.sid), available=True))
    assert refusal_of(baking.delete)[:2] == (409, 20409)
    offline = bakery.activities.list(friendly_name="Offline")[0]
    assert refusal_of(offline.delete)[:2] == (409, 20409)


def test_a_channel_is_made_found_by_its_unique_name_changed_and_removed(bakery: WorkspaceContext) -> None:
    made = bakery.task_channels.create(friendly_name="Fax", unique_name="fax", channel_optimized_routing=True)
    assert bakery.task_channels("fax").fetch().sid == made.sid
    assert made.update(friendly_name="Telefax").channel_optimized_routing is True
    assert bakery.task_channels("fax").update(channel_optimized_routing=False).friendly_name == "Telefax"
    taken = refusal_of(lambda: bakery.task_channels.create(friendly_name="x", unique_name="fax"))
    assert taken[:2] == (400, 20001)
    assert made.delete()
    assert refusal_of(bakery.task_channels("fax").fetch)[:2] == (404, 20404)


def test_there_is_room_for_fifteen_channels_and_no_more(bakery: WorkspaceContext) -> None:
    for number in range(10):
        bakery.task_channels.create(friendly_name=f"c{number}", unique_name=f"c{number}")
    assert refusal_of(lambda: bakery.task_channels.create(friendly_name="x", unique_name="x"))[:2] == (400, 20001)


def test_a_channel_with_work_on_it_stays(api: Api, bakery: WorkspaceContext) -> None:
    fax = bakery.task_channels.create(friendly_name="Fax", unique_name="fax")
    api.exists(str(fax.workspace_sid), a_task("WT" + "1" * 32, channel="fax"))
    assert refusal_of(fax.delete)[:2] == (409, 20409)


# --- queues --------------------------------------------------------------------------------------------------------


def test_a_queue_is_made_with_defaults_changed_and_removed(bakery: WorkspaceContext) -> None:
    queue = bakery.task_queues.create(friendly_name="bread")
    assert (queue.target_workers, queue.max_reserved_workers, queue.task_order) == ("1==1", 1, "FIFO")
    assert (queue.reservation_activity_sid, queue.assignment_activity_name) == (None, None)
    activity = bakery.activities.create(friendly_name="kneading")
    assert activity.sid is not None
    changed = queue.update(
        target_workers="skills HAS 'dough'", max_reserved_workers=50, task_order="LIFO",
        reservation_activity_sid=activity.sid, assignment_activity_sid=activity.sid,
    )  # fmt: skip
    assert (changed.target_workers, changed.max_reserved_workers, changed.task_order) == (
        "skills HAS 'dough'", 50, "LIFO",
    )  # fmt: skip
    assert (changed.reservation_activity_name, changed.assignment_activity_sid) == ("kneading", activity.sid)
    assert refusal_of(activity.delete)[:2] == (409, 20409)
    assert queue.update(target_workers="").target_workers == ""
    assert queue.delete()
    assert refusal_of(queue.fetch)[:2] == (404, 20404)


def test_a_queues_rule_is_refused_with_the_column_where_it_goes_wrong(bakery: WorkspaceContext) -> None:
    create = lambda: bakery.task_queues.create(friendly_name="bread", target_workers="skills HAS")  # noqa: E731
    status, code, message = refusal_of(create)
    assert (status, code) == (400, 20001)
    assert "TargetWorkers" in message
    assert "column 11" in message
    assert bakery.task_queues.list() == []


def test_queues_are_found_by_name_attributes_and_worker(api: Api, bakery: WorkspaceContext) -> None:
    bread = bakery.task_queues.create(friendly_name="bread", target_workers="skills HAS 'dough'")
    cakes = bakery.task_queues.create(friendly_name="cakes", target_workers="skills HAS 'icing'")
    workspace = str(bread.workspace_sid)
    api.exists(workspace, a_worker("WK" + "1" * 32, queues=(str(cakes.sid),)))
    assert [each.sid for each in bakery.task_queues.list(friendly_name="bread")] == [bread.sid]
    fitting = bakery.task_queues.list(evaluate_worker_attributes='{"skills": ["dough"]}')
    assert [each.sid for each in fitting] == [bread.sid]
    assert [each.sid for each in bakery.task_queues.list(worker_sid="WK" + "1" * 32)] == [cakes.sid]
    newest_first = bakery.task_queues.list(ordering="DateCreated:desc")
    assert {each.sid for each in newest_first} == {bread.sid, cakes.sid}


def test_a_queue_that_a_workflow_leads_to_or_that_holds_tasks_stays(api: Api, bakery: WorkspaceContext) -> None:
    bread, cakes = (bakery.task_queues.create(friendly_name=name) for name in ("bread", "cakes"))
    workflow = bakery.workflows.create(friendly_name="all", configuration=workflow_to(str(bread.sid)))
    status, _, message = refusal_of(bread.delete)
    assert (status, "Workflow all" in message) == (409, True)
    api.exists(str(cakes.workspace_sid), a_task("WT" + "1" * 32, queue=str(cakes.sid)))
    assert refusal_of(cakes.delete)[:2] == (409, 20409)
    assert workflow.delete()
    assert bread.delete()


# --- workflows -----------------------------------------------------------------------------------------------------


def test_a_workflow_is_made_changed_and_removed(bakery: WorkspaceContext) -> None:
    queue = bakery.task_queues.create(friendly_name="bread")
    configuration = workflow_to(str(queue.sid))
    made = bakery.workflows.create(
        friendly_name="orders", configuration=configuration, assignment_callback_url="https://example.com/a",
        fallback_assignment_callback_url="https://example.com/b", task_reservation_timeout=60,
    )  # fmt: skip
    assert made.configuration == configuration
    assert (made.assignment_callback_url, made.task_reservation_timeout) == ("https://example.com/a", 60)
    changed = made.update(friendly_name="all orders", task_reservation_timeout=86_400, assignment_callback_url="")
    assert (changed.friendly_name, changed.assignment_callback_url) == ("all orders", None)
    assert [each.sid for each in bakery.workflows.list(friendly_name="all orders")] == [made.sid]
    assert made.delete()
    assert refusal_of(made.fetch)[:2] == (404, 20404)


def test_a_workflow_to_a_queue_that_does_not_exist_is_refused(bakery: WorkspaceContext) -> None:
    missing = "WQ" + "0" * 32
    refused = refusal_of(lambda: bakery.workflows.create(friendly_name="x", configuration=workflow_to(missing)))
    assert refused[:2] == (400, 20001)
    assert missing in refused[2]


def test_a_workflow_that_a_task_follows_stays(api: Api, bakery: WorkspaceContext) -> None:
    queue = bakery.task_queues.create(friendly_name="bread")
    workflow = bakery.workflows.create(friendly_name="orders", configuration=workflow_to(str(queue.sid)))
    api.exists(str(queue.workspace_sid), a_task("WT" + "1" * 32, queue=str(queue.sid), workflow=str(workflow.sid)))
    assert refusal_of(workflow.delete)[:2] == (409, 20409)
    task = api.context(str(queue.workspace_sid)).store.get(Task, "WT" + "1" * 32)
    assert task is not None


# --- events, revisions, restarts -----------------------------------------------------------------------------------


def test_every_definition_is_told_in_one_event_and_raises_the_revision(api: Api, bakery: WorkspaceContext) -> None:
    queue = bakery.task_queues.create(friendly_name="bread")
    queue.update(target_workers="1==2")
    workflow = bakery.workflows.create(friendly_name="orders", configuration=workflow_to(str(queue.sid)))
    workflow.update(re_evaluate_tasks="true")
    workflow.delete()
    store = api.context(str(queue.workspace_sid)).store
    told = [each.event for each in store.since("0", count=1000) if each.event.data["kind"] in ("queue", "workflow")]
    assert [(event.type, event.data["kind"], event.data["name"]) for event in told] == [
        (EventType.DEFINED, "queue", "bread"),
        (EventType.REDEFINED, "queue", "bread"),
        (EventType.DEFINED, "workflow", "orders"),
        (EventType.REDEFINED, "workflow", "orders"),
        (EventType.UNDEFINED, "workflow", "orders"),
    ]
    assert told[1].data["changed"] == ["target_workers"]
    assert told[3].data["reevaluate"] is True
    workspace = store.get(Workspace, str(queue.workspace_sid))
    assert workspace is not None
    assert workspace.revision == 1 + len(told)


def test_what_changes_nothing_is_told_to_nobody(api: Api, bakery: WorkspaceContext) -> None:
    queue = bakery.task_queues.create(friendly_name="bread")
    store = api.context(str(queue.workspace_sid)).store
    before = store.since("0", count=1000)
    assert queue.update(friendly_name="bread").date_updated == queue.date_updated
    assert store.since("0", count=1000) == before


def test_sids_derive_from_workspace_kind_and_name_and_a_renamed_namesake_keeps_its_own(
    bakery: WorkspaceContext,
) -> None:
    first = bakery.task_queues.create(friendly_name="bread")
    first.update(friendly_name="old bread")
    second = bakery.task_queues.create(friendly_name="bread")
    assert first.sid == sids.derive("WQ", str(first.workspace_sid), "bread")
    assert second.sid == sids.derive("WQ", str(first.workspace_sid), "bread", "2")
