"""The server that drills and benchmarks run: the whole stack on free ports, with an owner's file of its own."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.adapters.clock import SystemClock
from app.commands.rehearsal import Rehearsal, rehearsal
from app.core.events import EventType
from app.owner.load import load
from app.ports.store import Delivered
from app.settings import Settings
from app.simulator.agents import Answer
from app.simulator.carrier import Carrier
from app.store.redis import RedisStore
from app.supervisor.output import LogFiles

CONFIG = Path(__file__).with_name("drill.yaml")
_MOST_EVENTS = 10_000


@dataclass(frozen=True)
class World:
    """A running server with its carrier, its stream of events, and its processes."""

    rehearsal: Rehearsal
    store: RedisStore
    data: Path

    @property
    def carrier(self) -> Carrier:
        """The pretend carrier."""
        return self.rehearsal.carrier

    @property
    def children(self) -> dict[str, int]:
        """The pid of each process that the supervisor runs, by name."""
        return self.rehearsal.server.supervisor.children

    @property
    def url(self) -> str:
        """Where the server answers."""
        return self.rehearsal.server.url

    def processes(self) -> list[psutil.Process]:
        """Every process of the server, those that gunicorn starts included."""
        roots = [psutil.Process(pid) for pid in self.children.values()]
        return [*roots, *(child for root in roots for child in root.children(recursive=True))]

    def pid_of(self, name: str) -> int:
        """Whom to kill: for `web` the worker that answers requests, not the master that replaces it."""
        pid = self.children.get(name, 0)
        if name != "web" or not pid:
            return pid
        workers = psutil.Process(pid).children()
        return workers[0].pid if workers else 0

    def events(self, *kinds: EventType, since: str = "0") -> list[Delivered]:
        """The lines of the stream of these kinds."""
        return [told for told in self.store.since(since, count=_MOST_EVENTS) if told.event.type in kinds]


@contextmanager
def world(engine: str, agents: dict[str, tuple[Answer, ...]]) -> Iterator[World]:
    """The server, ready to take calls, and these agents at their telephones; all gone when the block ends."""
    config = load(CONFIG)
    with tempfile.TemporaryDirectory(prefix="sb-drill-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        settings = Settings(config_path=CONFIG, data_dir=data, speech_engine=engine, port=0)
        with rehearsal(settings, config.number, LogFiles(data / "logs")) as running:
            for name, answers in agents.items():
                running.carrier.add_agent(config.agents[name].phone, name, answers)
            url = running.server.settings.redis_url
            assert url is not None
            with closing(RedisStore(url, settings.workspace)) as store:
                yield World(running, store, data)


def agent_names() -> list[str]:
    """Everybody whom the owner's file names."""
    return sorted(load(CONFIG).agents)


def server_ms(monotonic: float) -> float:
    """A moment of this process's monotonic clock on the server's clock."""
    return SystemClock().now() + (monotonic - time.monotonic()) * 1000
