"""A workspace served to a pretend carrier: our pages, dispatcher, operator and assignments, and a firm's own program.

The firm keeps its IVR and its assignment callback; of its calls only the queue is ours.
"""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import flask
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace.task.reservation import ReservationContext
from werkzeug.serving import make_server

from app.adapters.callbacks import HttpCallbacks
from app.adapters.clock import SystemClock
from app.adapters.ids import RandomIds
from app.core.entities import Task, TaskState, Worker
from app.core.events import Event, EventType
from app.followers.assignments import Assignments
from app.followers.dispatcher import Dispatcher
from app.followers.operator import Operator
from app.followers.orders import OrderHands
from app.simulator.agents import Answer
from app.simulator.callers import Caller, Step
from app.simulator.carrier import CallHandle, Carrier
from app.store.memory import MemoryStore
from app.telephony.twilio.dialling import TwilioDialler
from app.telephony.twilio.enqueue_routes import create_enqueue
from app.telephony.twilio.links import Links
from app.telephony.twilio.rest import Account, TwilioTelephony
from app.telephony.twilio.signature import Gate
from app.telephony.twilio.signing import Signer
from app.telephony.twilio.stay_links import StayLinks
from app.usecases.context import Context
from app.usecases.switching import Switchboard
from app.usecases.taskrouter.assignment import Assignment
from app.usecases.taskrouter.ordering import Orders
from app.usecases.taskrouter.task_queues import QueueFields, create_queue
from app.usecases.taskrouter.wording import Refusal
from app.usecases.taskrouter.workers import NewWorker, create_worker
from app.usecases.taskrouter.workflows import WorkflowFields, create_workflow
from app.usecases.taskrouter.workspaces import Template, WorkspaceFields, create_workspace
from app.usecases.workspaces import Workspaces
from app.web.taskrouter.blueprint import taskrouter_blueprint
from app.web.taskrouter.scope import Services
from tests.scenarios.world import eventually
from tests.shop import FixedConfigs
from tests.web.taskrouter.server import OWNERS_FILE, NoScorer

ACCOUNT = "AC" + "0" * 32
TOKEN = "the auth token"
NUMBER = "+12025550100"
OURS = "https://queue.example"
FIRM = "https://firm.example"
AVAILABLE, OFFLINE = "Available", "Offline"


@dataclass
class Firm:
    """The firm's own program: its IVR, and what it answers to assignment callbacks."""

    enqueue: str = ""
    query: dict[str, str] = field(default_factory=dict)
    instruction: dict[str, Any] | None = field(default_factory=lambda: {"instruction": "dequeue"})
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)
    genuine: list[bool] = field(default_factory=list)
    came_back: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def app(self) -> flask.Flask:
        app = flask.Flask("firm")

        @app.post("/ivr")
        def ivr() -> flask.Response:
            page = f"{self.enqueue}?{urlencode(self.query)}".replace("&", "&amp;")
            return _twiml(f"<Say>Welcome to the firm.</Say><Redirect>{page}</Redirect>")

        @app.post("/after")
        def after() -> flask.Response:
            self.came_back.append(flask.request.values.to_dict())
            return _twiml("<Say>Back at the firm. Goodbye.</Say><Hangup/>")

        @app.post("/elsewhere")
        def elsewhere() -> flask.Response:
            return _twiml("<Say>You are elsewhere now.</Say><Pause length='1'/><Hangup/>")

        @app.post("/assign")
        @app.post("/fallback")
        def assign() -> tuple[flask.Response, int]:
            request = flask.request
            form = request.form.to_dict()
            signature = request.headers.get("X-Twilio-Signature", "")
            self.genuine.append(RequestValidator(TOKEN).validate(request.url, form, signature))
            self.asked.append({**form, "path": request.path})
            status = self.status if request.path == "/assign" else 200
            return flask.jsonify(self._answer(form)), status

        return app

    def _answer(self, form: dict[str, str]) -> dict[str, Any]:
        """The instruction, with what the task itself says filled in."""
        attributes = json.loads(form["TaskAttributes"])
        given = (self.instruction or {}).items()
        return {key: attributes.get(value[1:]) if str(value).startswith("$") else value for key, value in given}


def _twiml(body: str) -> flask.Response:
    return flask.Response(f"<Response>{body}</Response>", content_type="text/xml")


@dataclass
class Office:
    """Everything, running."""

    context: Context
    carrier: Carrier
    firm: Firm
    workflow: str
    activities: dict[str, str]
    sdk: Client

    def reservation_of(self, call: CallHandle) -> ReservationContext:
        """The offer of a caller to somebody, as the API has it."""
        task = self.becomes(call, TaskState.RESERVED)
        space = self.sdk.taskrouter.v1.workspaces(self.context.workspace)
        return space.tasks(task.sid).reservations(task.reservations[0])

    def dial(self, name: str, number: str, *steps: Step, patience: float = 20.0) -> CallHandle:
        """Somebody calls the firm."""
        return self.carrier.dial(Caller(name=name, from_number=number, does=steps, patience=patience))

    def worker(self, name: str, number: str, *answers: Answer) -> Worker:
        """A worker who is free, at a telephone."""
        self.carrier.add_agent(number, name, answers)
        wanted = NewWorker(name=name, attributes={"contact_uri": number}, activity=self.activities[AVAILABLE])
        return made(create_worker(self.context, wanted))

    def present(self, worker: Worker) -> Worker:
        """A worker as they are now."""
        found = self.context.store.get(Worker, worker.sid)
        assert found is not None
        return found

    def task_of(self, call: CallHandle) -> Task | None:
        """The task of somebody who called."""
        events = (item.event for item in self.context.store.since("0", count=10_000))
        created = [event.task for event in events if event.type is EventType.TASK_CREATED]
        tasks = (self.context.store.get(Task, sid) for sid in created)
        return next((task for task in tasks if task and task.attributes.get("call_sid") == call.leg.sid), None)

    def becomes(self, call: CallHandle, state: TaskState, within: float = 15.0) -> Task:
        """The caller's task once it is in a state."""

        def there() -> bool:
            task = self.task_of(call)
            return task is not None and task.state is state

        assert eventually(there, within), f"the task is {self.task_of(call)}"
        task = self.task_of(call)
        assert task is not None
        return task

    def events(self, task: Task) -> list[Event]:
        """What happened to a task."""
        told = self.context.store.since("0", count=10_000)
        return [item.event for item in told if item.event.task == task.sid]

    def kinds(self, task: Task) -> list[EventType]:
        """The kinds of what happened to a task."""
        return [event.type for event in self.events(task)]


T = TypeVar("T")


def made(found: T | Refusal) -> T:
    """What was to be made."""
    assert not isinstance(found, Refusal), found
    return found


@contextmanager
def an_office() -> Iterator[Office]:
    """A workspace with one queue for everybody, whose tasks the firm is asked about."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    clock = SystemClock()
    stores: dict[str, MemoryStore] = {}

    def opened(workspace: str) -> MemoryStore:
        return stores.setdefault(workspace, MemoryStore(workspace, clock))

    home = Context(opened("switchboard"), clock, RandomIds(), FixedConfigs(OWNERS_FILE), NoScorer())
    workspaces, firm, links = Workspaces(home, opened), Firm(), Links(OURS)
    account = Account(ACCOUNT, TOKEN, "", NUMBER)
    app = flask.Flask("office")
    app.register_blueprint(create_enqueue(workspaces, Gate(links, TOKEN, account=ACCOUNT), links))
    app.register_blueprint(taskrouter_blueprint(Services(workspaces=workspaces, account=ACCOUNT, token=TOKEN)))
    with _serving(firm.app()) as firm.url, _serving(app) as ours:
        carrier = Carrier(
            account_sid=ACCOUNT, auth_token=TOKEN, number=NUMBER, public_url=FIRM, connect_to=firm.url,
            voice_path="/ivr", status_path="", fallback_path="", mapping={OURS: ours}, speech_rate=400.0,
        )  # fmt: skip
        with carrier:
            account = replace(account, api_url=carrier.api_url)
            context = made(create_workspace(workspaces, "Firm", Template.NONE, WorkspaceFields()))
            with _followed(context, account, links):
                sdk = Client(ACCOUNT, TOKEN, http_client=TwilioHttpClient(pool_connections=False))
                sdk.taskrouter.base_url = ours
                yield _furnished(context, carrier, firm, sdk)


def _furnished(context: Context, carrier: Carrier, firm: Firm, sdk: Client) -> Office:
    queue = made(create_queue(context, "everybody", QueueFields()))
    routing = {"task_routing": {"filters": [], "default_filter": {"queue": queue.sid}}}
    fields = WorkflowFields(
        callback_url=f"{firm.url}/assign", fallback_callback_url=f"{firm.url}/fallback", reservation_timeout=30
    )
    workflow = made(create_workflow(context, "calls", json.dumps(routing), fields))
    firm.enqueue = f"{OURS}/voice/enqueue/{context.workspace}/{workflow.sid}"
    activities = {item.name: item.sid for item in context.rules.fresh().activities.values()}
    return Office(context, carrier, firm, workflow.sid, activities, sdk)


@contextmanager
def _followed(context: Context, account: Account, links: Links) -> Iterator[None]:
    """The loops that a server runs for a workspace."""
    stop, store = threading.Event(), context.store
    hands = OrderHands(store, Orders(context), TwilioDialler(account, StayLinks(links))).hands
    telephony = TwilioTelephony(account, links)
    operator = Operator(
        store, telephony, Switchboard(context), lambda _call, _turn: None, context.clock, "one", hands=hands
    )
    assignments = Assignments(store, Assignment(context, ACCOUNT), HttpCallbacks(Signer(TOKEN)), context.clock, "one")
    loops = [Dispatcher(context, "one").run, operator.run, assignments.run]
    threads = [threading.Thread(target=loop, args=(stop,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def _serving(app: flask.Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
