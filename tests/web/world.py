"""A server with everything behind its pages real (store in memory, history in SQLite), and callers to fill it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from app.core.change import Change, Personal, create, update
from app.core.config import Agent, Config, Queue
from app.core.entities import Activity, Call, CallState, Entity, Mood, Task, Worker
from app.core.events import EventType
from app.followers.history import historian
from app.history.sql import SqlHistory, open_history
from app.ports.clock import Clock
from app.ports.store import Committed
from app.store.memory import MemoryStore
from app.web.app import create_app
from app.web.services import Health, Services
from tests.builders import FakeClock, a_call, a_task, a_worker, an_event

PASSWORD = "correct horse battery"
CONFIG = Config(
    version="v1",
    business="Unicone <Ice> & Co",
    queues={
        "sales": Queue(name="sales", title="Sales", serves="true"),
        "support": Queue(name="support", title="Support", serves="true"),
    },
    agents={"alice": Agent(name="alice", phone="+15550100001")},
)


@dataclass
class World:
    """The server's insides, and what tests do to them."""

    store: MemoryStore
    history: SqlHistory
    clock: Clock
    app: Flask = field(init=False)
    health: Health = field(default_factory=Health)
    closing: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.services = Services(
            store=self.store, history=self.history, clock=self.clock, admin_password=PASSWORD,
            config=lambda: CONFIG, health=lambda: self.health, set_activity=self.set_activity,
            max_streams=2, closing=self.closing,
        )  # fmt: skip
        self.app = create_app(self.services)

    def set_activity(self, name: str, activity: Activity) -> bool:
        worker = self.store.get(Worker, name)
        if worker is None:
            return False
        event = an_event(EventType.WORKER_CHANGED, worker=name, data={"activity": activity.value})
        self.commit(update(worker, replace(worker, activity=activity), event))
        return True

    def commit(self, change: Change) -> None:
        assert isinstance(self.store.commit(change), Committed)

    def exists(self, *entities: Entity) -> None:
        for entity in entities:
            self.commit(create(entity))

    def calls_in(self, sid: str, words: str = "", **fields: Any) -> Call:
        """Somebody calls, and says something."""
        call = a_call(sid, **{"utterances": 1 if words else 0, "started": self.clock.now(), **fields})
        now = self.clock.now()
        events = [an_event(EventType.CALL_ANSWERED, call=sid, at=now, data={"config": "v1", "earlier": 2})]
        said = [Personal(sid, "caller", call.caller)]
        if words:
            data: dict[str, Any] = {
                "number": 1, "confidence": 0.9, "mood": call.mood.value, "route": "orders", "certainty": 0.95,
            }  # fmt: skip
            events.append(an_event(EventType.CALL_LISTENED, call=sid, at=now + 2500, data=data))
            said.append(Personal(sid, "heard:1", words))
        self.commit(create(call) + Change(events=tuple(events), personal=tuple(said)))
        return call

    def waits(self, sid: str, words: str = "", queue: str = "sales", **fields: Any) -> Task:
        """Somebody calls and stands in a line."""
        call = self.calls_in(sid, words, state=CallState.WAITING, task=f"WT-{sid}", **fields)
        task = a_task(f"WT-{sid}", call=sid, queue=queue, created=call.started, entered=call.started)
        data: dict[str, Any] = {"queue": queue, "priority": 0, "reason": "orders"}
        event = an_event(EventType.TASK_CREATED, call=sid, task=task.sid, at=call.started + 3000, data=data)
        self.commit(create(task, event))
        return task

    def tell_history(self) -> None:
        historian(self.store, self.history, self.clock, "one").step()

    def signed_in(self) -> FlaskClient:
        client = self.app.test_client()
        form = client.get("/login").get_data(as_text=True)
        answer = client.post("/login", data={"csrf": csrf_in(form), "password": PASSWORD})
        assert answer.status_code == 303
        return client

    @contextmanager
    def served(self) -> Iterator[str]:
        """The app on a free port of this machine."""
        server = make_server("127.0.0.1", 0, self.app, threaded=True)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            self.closing.set()
            server.shutdown()
            thread.join()
            server.server_close()


def csrf_in(page: str) -> str:
    """The token in a page's form."""
    return page.split('name="csrf" value="', 1)[1].split('"', 1)[0]


@contextmanager
def world(folder: Path, clock: Clock | None = None) -> Iterator[World]:
    """A world whose history lies in this folder."""
    history = open_history(f"sqlite:///{folder / 'history.db'}")
    time = clock or FakeClock()
    yield World(MemoryStore("test", time), history, time)
    history.close()


def morning(place: World) -> None:
    """A few calls and agents in every state that the page shows."""
    place.waits(
        "CA1",
        "where is my order I have called three times",
        queue="support",
        mood=Mood.FRUSTRATED,
        caller="+15550102233",
    )
    place.waits("CA2", "two cakes for a wedding please", mood=Mood.EXCITED, vip=True)
    place.calls_in("CA3", "hello <b>there</b>", caller="")
    place.exists(a_worker("alice"), a_worker("bob", activity=Activity.OFF))
