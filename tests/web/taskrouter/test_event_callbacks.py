"""From an SDK's request to the workspace's event callback: forms that the SDK's own validator finds to be Twilio's."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask, request
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.serving import make_server

from app.adapters.callbacks import HttpCallbacks
from app.followers.event_callbacks import EventCallbacks
from app.ports.taskrouter_events import Wanted
from app.telephony.twilio.signing import Signer
from tests.web.taskrouter.office import an_office
from tests.web.taskrouter.server import Api

PATIENCE = 10.0


@dataclass
class Receiver:
    """Somebody's program that wants to know, and believes only what is signed."""

    token: str
    url: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def hear(self) -> tuple[str, int]:
        form = request.form.to_dict()
        signed = request.headers.get("X-Twilio-Signature", "")
        authentic = RequestValidator(self.token).validate(self.url, form, signed)
        self.forms.append(form)
        self.came.release()
        return "", 204 if authentic else 403


@pytest.fixture
def receiver(api: Api) -> Iterator[Receiver]:
    heard = Receiver(api.token)
    app = Flask("receiver")
    app.add_url_rule("/events", view_func=heard.hear, methods=["POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
    thread.start()
    heard.url = f"http://127.0.0.1:{server.server_port}/events?from=switchboard"
    yield heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_workspaces_callback_hears_what_it_asked_for_signed_as_twilio_signs(
    api: Api, client: Client, receiver: Receiver
) -> None:
    office = an_office(api, client)
    client.taskrouter.v1.workspaces(office.sid).update(
        event_callback_url=receiver.url, events_filter="worker.activity.update,task.created"
    )
    ann = office.worker()
    api.clock.advance_seconds(26)
    office.space.workers(str(ann.sid)).update(activity_sid=office.offline)
    task = office.task()
    api.tell(office.sid)
    callbacks = EventCallbacks(api.events, HttpCallbacks(Signer(api.token)), api.clock, api.account)
    assert callbacks.step() == 2
    for _ in range(2):
        assert receiver.came.acquire(timeout=PATIENCE)
    callbacks.close()
    told = {form["EventType"]: form for form in receiver.forms}
    assert told["task.created"]["TaskSid"] == task.sid
    changed = told["worker.activity.update"]
    assert (changed["AccountSid"], changed["WorkspaceSid"], changed["WorkerName"]) == (api.account, office.sid, "Ann")
    assert (changed["WorkerTimeInPreviousActivity"], changed["WorkerPreviousActivitySid"]) == ("26", office.available)
    assert api.events.due(api.clock.now() + 10**9, 0, lambda _: 9) == ()


def test_a_workspace_that_is_removed_takes_its_events_along_and_says_goodbye(
    api: Api, client: Client, receiver: Receiver
) -> None:
    office = an_office(api, client)
    space = client.taskrouter.v1.workspaces(office.sid)
    space.update(event_callback_url=receiver.url)
    office.task()
    api.tell(office.sid)
    assert space.delete()
    callbacks = EventCallbacks(api.events, HttpCallbacks(Signer(api.token)), api.clock, api.account)
    assert callbacks.step() == 1
    assert receiver.came.acquire(timeout=PATIENCE)
    callbacks.close()
    [form] = receiver.forms
    assert (form["EventType"], form["ResourceSid"], form["WorkspaceName"]) == (
        "workspace.deleted", office.sid, "Bakery",
    )  # fmt: skip
    assert list(api.events.facts(Wanted(workspace=office.sid, types=("task.created",)))) == []
