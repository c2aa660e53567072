"""The worker that runs jobs in its own process, beside the models it has loaded, and keeps the house."""

import logging
import threading
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.scheduler import RQScheduler
from rq.serializers import JSONSerializer

from app.jobs.tools import Tools, using
from app.jobs.wiring import Jobs, queue_on
from app.ports.store import Store, StoreUnavailable
from app.ports.telephony import RecordingMissing

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
TRIM_EVERY = 60
FORGET_EVERY = 3600
# A worker that was killed leaves its job behind; it is found and run again within about this time.
MAINTENANCE_SECONDS = 60


class SwitchboardWorker(SimpleWorker):
    """Runs every job inside its tools. It never forks: the speech model is loaded once, and threads survive."""

    tools: Tools

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Runs one job with the tools at hand."""
        with using(self.tools):
            super().execute_job(job, queue)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Logs what went wrong; that a recording is not ready yet is nothing wrong."""
        if exc_info and exc_info[0] is RecordingMissing:
            log.info("job %s: the recording is not ready yet", job.id)
            return
        super().handle_exception(job, *exc_info)


class Housekeeper:
    """Once a second: moves jobs whose time has come into the queue, and has upkeep done when it is due.

    RQ would fork a process for the first; this is a thread. Any number may run: a lock in Redis and claims in the store
    let one act at a time.
    """

    def __init__(self, queue: Queue, store: Store, jobs: Jobs) -> None:
        self._scheduler = RQScheduler(
            [queue], connection=queue.connection, serializer=JSONSerializer, logging_level=logging.WARNING
        )
        self._names = {queue.name}
        self._store = store
        self._jobs = jobs

    def run(self, stop: threading.Event) -> None:
        """Ticks until told to stop, whatever is away."""
        while not stop.wait(TICK_SECONDS):
            try:
                self.tick()
            except (RedisError, StoreUnavailable) as error:
                log.warning("upkeep waits: %s", type(error).__name__)
        self._release()

    def tick(self) -> None:
        """Does what is due now."""
        self._promote()
        if self._store.claim("upkeep:trim", TRIM_EVERY):
            self._jobs.trim()
        if self._store.claim("upkeep:forget", FORGET_EVERY):
            self._jobs.forget()

    def _promote(self) -> None:
        scheduler = self._scheduler
        # Asked for every time: a housekeeper that was killed leaves its lock behind, until the lock runs out.
        if scheduler.acquired_locks != self._names:
            scheduler.acquire_locks()  # type: ignore[no-untyped-call]
        if scheduler.acquired_locks:
            scheduler.enqueue_scheduled_jobs()  # type: ignore[no-untyped-call]
            scheduler.heartbeat()  # type: ignore[no-untyped-call]

    def _release(self) -> None:
        try:
            self._scheduler.release_locks()  # type: ignore[no-untyped-call]
        except RedisError:
            log.info("the scheduler's lock was left to run out")


def make_worker(url: str, workspace: str, tools: Tools) -> SwitchboardWorker:
    """A worker for the workspace's queue."""
    connection = Redis.from_url(url)
    settings: dict[str, Any] = {
        "serializer": JSONSerializer,
        "maintenance_interval": MAINTENANCE_SECONDS,
        "log_job_description": False,
    }
    worker = SwitchboardWorker([queue_on(connection, workspace)], connection=connection, **settings)
    worker.tools = tools
    return worker


def run_worker(url: str, workspace: str, tools: Tools, *, burst: bool = False) -> None:
    """Works until a signal asks to stop (`burst`: until the queue is empty); call it from the main thread."""
    worker = make_worker(url, workspace, tools)
    stop = threading.Event()
    own = queue_on(Redis.from_url(url, socket_timeout=5), workspace)
    housekeeper = Housekeeper(own, tools.store, Jobs(own))
    keeper = threading.Thread(target=housekeeper.run, args=(stop,), name="housekeeper", daemon=True)
    keeper.start()
    try:
        worker.work(burst=burst, logging_level="WARNING")
    finally:
        stop.set()
        keeper.join(TICK_SECONDS * 5)
