"""A workspace read from one installation through the SDK runs in another as it did: the same SIDs, the same routing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from twilio.rest import Client

from app.core.entities import Key, Kind, Worker
from app.telephony.twilio.http import CarrierError
from app.telephony.twilio.rest import Account, create_client
from app.telephony.twilio.workspace_export import read_workspace, workspaces_of
from app.usecases.dispatching import dispatch_everything
from app.usecases.taskrouter.exported import BadExport, read_export
from app.usecases.taskrouter.importing import bring_in, compared
from tests.web.taskrouter.server import ACCOUNT, TOKEN, Api, Judged, running
from tests.web.taskrouter.spec import Spec


@dataclass
class Move:
    """The account that a workspace leaves, and the installation it comes to."""

    there: Api
    here: Api
    sid: str
    sdk: Client

    def export(self) -> dict[str, Any]:
        """The workspace as the account has it now."""
        document = read_workspace(carrier(self.there), self.sid, lambda kind, count: None)
        assert document is not None
        return document

    def bring(self) -> Any:
        """Imports what the account has now."""
        return bring_in(self.here.workspaces, read_export(self.export()), lambda done, total: None)

    @property
    def space(self) -> Any:
        """The workspace at the account, as the SDK has it."""
        return self.sdk.taskrouter.v1.workspaces(self.sid)


def carrier(api: Api) -> Client:
    """The client with which an account is read, its base URL set as for all of the carrier's REST API."""
    return create_client(Account(ACCOUNT, TOKEN, api.base_url))


def sdk_of(api: Api, spec: Spec) -> Client:
    sdk = Client(ACCOUNT, TOKEN, http_client=Judged(spec))
    sdk.taskrouter.base_url = api.base_url
    return sdk


def furnished(sdk: Client) -> str:
    """A bakery with two queues, of which one is newest first, a workflow, and two workers, one for three chats."""
    workspace = sdk.taskrouter.v1.workspaces.create("Bakery", event_callback_url="https://events.example/hook")
    here = sdk.taskrouter.v1.workspaces(workspace.sid)
    available = here.activities.list(friendly_name="Available")[0].sid
    offline = here.activities.list(friendly_name="Offline")[0].sid
    bread = here.task_queues.create("Bread", target_workers="skills HAS 'bread'", max_reserved_workers=2)
    cake = here.task_queues.create("Cake", target_workers="skills HAS 'cake'", task_order="LIFO")
    configuration = {
        "task_routing": {
            "filters": [
                {"filter_friendly_name": "vip", "expression": "vip == true",
                 "targets": [{"queue": cake.sid, "timeout": 30, "priority": 5}]},
            ],
            "default_filter": {"queue": bread.sid},
        }
    }  # fmt: skip
    here.workflows.create("Orders", configuration=json.dumps(configuration), task_reservation_timeout=60)
    ann = here.workers.create("Ann", attributes='{"skills": ["bread", "cake"]}', activity_sid=available)
    here.workers.create("Bob", attributes='{"skills": ["cake"], "contact_uri": "client:bob"}', activity_sid=offline)
    here.workers(ann.sid).worker_channels("chat").update(capacity=3)
    return str(workspace.sid)


@pytest.fixture
def move(spec: Spec) -> Iterator[Move]:
    """Two installations, and a bakery in one."""
    with running(spec) as there, running(spec) as here:
        sdk = sdk_of(there, spec)
        yield Move(there, here, furnished(sdk), sdk)
        sdk.http_client.close()


def listed(api: Api, sid: str, spec: Spec) -> dict[str, Any]:
    """Everything the API shows of a workspace, but for dates and addresses."""
    sdk = sdk_of(api, spec)
    document = read_workspace(sdk, sid, lambda kind, count: None)
    sdk.http_client.close()
    assert document is not None
    resources = {kind: each if isinstance(each, list) else [each] for kind, each in document.items()}
    return {
        kind: sorted([{key: value for key, value in each.items() if key != "date_created"} for each in found], key=str)
        for kind, found in resources.items()
    }


def test_a_workspace_comes_over_whole_with_its_sids(move: Move, spec: Spec) -> None:
    tallies = move.bring()

    assert {kind: (len(tally.new), tally.same) for kind, tally in tallies.items()} == {
        "workspace": (1, 0), "activities": (3, 0), "task_channels": (5, 0), "task_queues": (2, 0), "workflows": (1, 0),
        "workers": (2, 0),
    }  # fmt: skip
    assert listed(move.here, move.sid, spec) == listed(move.there, move.sid, spec)


def test_what_came_over_routes_tasks_at_once(move: Move, spec: Spec) -> None:
    move.bring()
    sdk = sdk_of(move.here, spec)
    here = sdk.taskrouter.v1.workspaces(move.sid)
    workflow = here.workflows.list()[0].sid
    task = here.tasks.create(workflow_sid=workflow, attributes='{"vip": true}', task_channel="chat")
    dispatch_everything(move.here.context(move.sid))

    reserved = here.tasks(task.sid).reservations.list()
    assert [each.worker_name for each in reserved] == ["Ann"]
    assert here.tasks(task.sid).fetch().priority == 5
    sdk.http_client.close()


def test_importing_again_changes_nothing_and_tells_nobody(move: Move) -> None:
    move.bring()
    before = move.here.context(move.sid).store.snapshot()
    again = move.bring()

    assert all(not tally.new and not tally.changed and not tally.gone for tally in again.values())
    assert move.here.context(move.sid).store.snapshot() == before


def test_importing_again_brings_what_changed_and_leaves_the_rest_alone(move: Move, spec: Spec) -> None:
    move.bring()
    context = move.here.context(move.sid)
    ann = move.space.workers.list(friendly_name="Ann")[0]
    here = sdk_of(move.here, spec)
    offline = here.taskrouter.v1.workspaces(move.sid).activities.list(friendly_name="Offline")[0].sid
    here.taskrouter.v1.workspaces(move.sid).workers(ann.sid).update(activity_sid=offline)
    here.http_client.close()
    queue = move.space.task_queues.list(friendly_name="Bread")[0]
    move.space.task_queues(queue.sid).update(target_workers="skills HAS 'rye'")
    move.space.workers(ann.sid).update(attributes='{"skills": ["rye"]}')
    move.space.activities.create("Lunch", available=False)

    tallies = move.bring()

    assert tallies["task_queues"].changed == {queue.sid: ["target_workers"]}
    assert tallies["workers"].changed == {ann.sid: ["attributes"]}
    assert len(tallies["activities"].new) == 1
    (worker,) = context.store.read(Key(Kind.WORKER, ann.sid))
    assert isinstance(worker, Worker)
    assert (worker.queues, worker.activity) == ((queue.sid,), offline)


def test_what_is_here_alone_is_kept_and_told(move: Move, spec: Spec) -> None:
    move.bring()
    here = sdk_of(move.here, spec)
    mine = here.taskrouter.v1.workspaces(move.sid).task_queues.create("Mine")
    here.http_client.close()

    assert move.bring()["task_queues"].gone == (mine.sid,)
    assert mine.sid in move.here.context(move.sid).rules.fresh().queues


def test_a_name_that_something_made_here_has_is_in_the_way_of_it_all(move: Move, spec: Spec) -> None:
    move.bring()
    here = sdk_of(move.here, spec)
    dora = here.taskrouter.v1.workspaces(move.sid).workers.create("Dora")
    here.taskrouter.v1.workspaces(move.sid).workers(dora.sid).update(friendly_name="Cleo")
    here.http_client.close()
    move.space.workers.create("CLEO")
    move.space.activities.create("Lunch")
    before = move.here.context(move.sid).store.snapshot()

    with pytest.raises(BadExport, match="'CLEO' is the name of WK"):
        move.bring()
    assert move.here.context(move.sid).store.snapshot() == before


def test_the_workspace_of_the_owners_file_is_never_imported_over(move: Move) -> None:
    document = move.export()
    document["workspace"]["sid"] = move.here.home_sid
    with pytest.raises(BadExport, match="the workspace of the owner's file"):
        bring_in(move.here.workspaces, read_export(document), lambda done, total: None)


def test_comparing_stores_nothing(move: Move) -> None:
    tallies = compared(move.here.workspaces, read_export(move.export()))
    assert len(tallies["workers"].new) == 2
    assert move.here.workspaces.find(move.sid) is None


def test_the_accounts_workspaces_are_listed_and_an_unknown_one_is_none(move: Move) -> None:
    assert (move.sid, "Bakery") in workspaces_of(carrier(move.there))
    assert read_workspace(carrier(move.there), "WS" + "0" * 32, lambda kind, count: None) is None


def test_progress_is_told_for_every_kind(move: Move) -> None:
    told: dict[str, int] = {}
    read_workspace(carrier(move.there), move.sid, lambda kind, count: told.update({kind: count}))
    assert told == {
        "activities": 3, "task_channels": 5, "task_queues": 2, "workflows": 1, "workers": 2, "worker_channels": 2,
    }  # fmt: skip


def test_a_wrong_token_is_the_carriers_refusal(move: Move) -> None:
    wrong = create_client(Account(ACCOUNT, "no token", move.there.base_url))
    with pytest.raises(CarrierError) as refused:
        read_workspace(wrong, move.sid, lambda kind, count: None)
    assert refused.value.status == 401
