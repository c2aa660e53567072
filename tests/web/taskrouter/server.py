"""A server of the TaskRouter API over memory, and clients whose every answer is judged by the specification."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
from flask import Flask
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from werkzeug.serving import make_server

from app.adapters.ids import RandomIds
from app.core.change import Change
from app.core.config import Agent, Config, Queue
from app.core.entities import Entity
from app.followers.taskrouter_feed import taskrouter_feed
from app.history.database import Database
from app.history.sql import open_history
from app.history.taskrouter_events import SqlTaskRouterEvents
from app.ports.scorer import Reading
from app.ports.store import Committed, Store
from app.store.memory import MemoryStore
from app.usecases.context import Context
from app.usecases.staffing import sync_workers
from app.usecases.workspaces import Workspaces
from app.web.taskrouter.blueprint import taskrouter_blueprint
from app.web.taskrouter.scope import Services
from tests.builders import FakeClock, births
from tests.shop import FixedConfigs
from tests.web.taskrouter.spec import Spec

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the account's token"
OWNERS_FILE = Config(
    version="v1",
    business="Unicone",
    queues={
        "sales": Queue(name="sales", title="Sales", serves="skills HAS 'sales'"),
        "support": Queue(name="support", title="Support", serves="1 == 1"),
    },
    agents={"alice": Agent(name="alice", phone="+15550100001", skills={"sales": 1})},
)


class NoScorer:
    """Nobody speaks to the API."""

    name = "none"

    def read(self, text: str, config: Config) -> Reading:
        """No mood."""
        return Reading()


class Judged(TwilioHttpClient):
    """The SDK's own HTTP client, whose every answer the specification judges."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self._spec = spec

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """See `TwilioHttpClient.request`."""
        response = super().request(method, url, *args, **kwargs)
        self._spec.judge(method, url, response.status_code, response.text)
        return response

    def close(self) -> None:
        """Lets go of the connections."""
        assert self.session is not None
        self.session.close()


class Memories:
    """The live state of every workspace, in memory."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._stores: dict[str, MemoryStore] = {}

    def __call__(self, workspace: str) -> MemoryStore:
        """The live state of a workspace."""
        return self._stores.setdefault(workspace, MemoryStore(workspace, self._clock))


@dataclass
class Api:
    """The server's insides, and plain HTTP to its outside. `home` is the workspace of the owner's file.

    `stores` gives the live state of a workspace; in memory unless the test says otherwise.
    """

    spec: Spec
    events: SqlTaskRouterEvents
    clock: FakeClock = field(default_factory=FakeClock)
    stores: Callable[[str], Store] | None = None
    account: str = ACCOUNT
    token: str = TOKEN
    base_url: str = ""
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        opened = self.stores or Memories(self.clock)
        configs = FixedConfigs(OWNERS_FILE)
        self.home = Context(opened("switchboard"), self.clock, RandomIds(), configs, NoScorer())
        sync_workers(self.home)
        self.workspaces = Workspaces(self.home, opened)
        self.services = Services(workspaces=self.workspaces, account=self.account, token=self.token, events=self.events)
        self.app = Flask(__name__)
        self.app.register_blueprint(taskrouter_blueprint(self.services))

    @property
    def home_sid(self) -> str:
        """The SID of the owner's workspace."""
        return self.workspaces.home_sid

    def context(self, workspace: str) -> Context:
        """The insides of a workspace."""
        found = self.workspaces.find(workspace)
        assert found is not None
        return found

    def tell(self, workspace: str) -> None:
        """What the follower does that keeps TaskRouter's events: everything told so far."""
        feed = taskrouter_feed(self.context(workspace), self.events, "test")
        while feed.step():
            pass

    def exists(self, workspace: str, *entities: Entity) -> None:
        """Puts entities into a workspace's store."""
        self.commit(workspace, births(*entities))

    def commit(self, workspace: str, change: Change) -> None:
        """Commits a change in a workspace."""
        assert isinstance(self.context(workspace).store.commit(change), Committed)

    def http(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request past the SDK, with the right credentials unless `auth` says otherwise; the answer is judged."""
        options = {"auth": (self.account, self.token), **options}
        response = requests.request(method, f"{self.base_url}/v1{path}", timeout=10, **options)
        self.spec.judge(method, response.url, response.status_code, response.text)
        return response

    def refused(self, status: int, code: int, method: str, path: str, **options: Any) -> str:
        """Sends what has to be refused with this status and code, and returns the message."""
        response = self.http(method, path, **options)
        assert (response.status_code, response.json()["code"]) == (status, code), response.text
        return str(response.json()["message"])


@lru_cache
def _empty_database() -> bytes:
    """The file of a database whose tables are up to date: making them takes longer than a test."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "history.db")
        open_history(f"sqlite:///{path}").close()
        return path.read_bytes()


@contextmanager
def kept_events() -> Iterator[SqlTaskRouterEvents]:
    """Where events are kept, with none in it."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "history.db")
        path.write_bytes(_empty_database())
        database = Database(f"sqlite:///{path}")
        try:
            yield SqlTaskRouterEvents(database)
        finally:
            database.close()


@contextmanager
def running(spec: Spec, stores: Callable[[str], Store] | None = None, token: str = TOKEN) -> Iterator[Api]:
    """The API on a free port of this machine."""
    with kept_events() as events:
        yield from _served(Api(spec, events, stores=stores, token=token))


def _served(api: Api) -> Iterator[Api]:
    server = make_server("127.0.0.1", 0, api.app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
    thread.start()
    api.base_url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def sdk_of(api: Api, auth: tuple[str, str] | None = None) -> Iterator[Client]:
    """The official SDK with only its base URL changed; `auth` is an API key and its secret instead of the account's."""
    judged = Judged(api.spec)
    user, password = auth or (api.account, api.token)
    sdk = Client(user, password, api.account, http_client=judged)
    sdk.taskrouter.base_url = api.base_url
    try:
        yield sdk
    finally:
        judged.close()
