"""The queue of jobs in Redis: how they get in, and how often they are tried."""

from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from app.jobs.work import forget_old_calls, transcribe_recording, trim_stream
from app.ports.store import StoreUnavailable

TIMEOUT_SECONDS = 2
JOB_SECONDS = 120
KEEP_FAILED_SECONDS = 7 * 24 * 3600
# Together a little over four minutes: a carrier has a recording ready within seconds, or not at all.
FETCH_AGAIN_AFTER = (1, 2, 4, 8, 16, 32, 64, 128)


def queue(url: str, workspace: str) -> Queue:
    """The workspace's queue. Jobs are JSON: whoever can write to this Redis cannot make us run code of theirs."""
    connection = Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
    return queue_on(connection, workspace)


def queue_on(connection: Redis, workspace: str) -> Queue:
    """The workspace's queue on a connection."""
    return Queue(f"switchboard-{workspace}", connection=connection, serializer=JSONSerializer)


class Jobs:
    """Puts jobs into the queue; raises `StoreUnavailable` while Redis is away."""

    def __init__(self, into: Queue, fetch_again_after: tuple[int, ...] = FETCH_AGAIN_AFTER) -> None:
        self._queue = into
        self._fetch_again_after = fetch_again_after

    def transcribe(self, call: str, turn: int) -> None:
        """Has a recording fetched and transcribed."""
        again = Retry(max=len(self._fetch_again_after), interval=list(self._fetch_again_after))
        try:
            self._queue.enqueue(
                transcribe_recording, call, turn, job_id=f"transcribe-{call}-{turn}", retry=again,
                job_timeout=JOB_SECONDS, result_ttl=0, failure_ttl=KEEP_FAILED_SECONDS,
            )  # fmt: skip
        except RedisError as error:
            raise StoreUnavailable("the queue of jobs is away") from error

    def trim(self) -> None:
        """Has the event stream trimmed."""
        self._upkeep(trim_stream)

    def forget(self) -> None:
        """Has old calls' personal texts erased."""
        self._upkeep(forget_old_calls)

    def _upkeep(self, work: Callable[[], int]) -> None:
        try:
            self._queue.enqueue(work, job_timeout=JOB_SECONDS, result_ttl=0, failure_ttl=KEEP_FAILED_SECONDS)
        except RedisError as error:
            raise StoreUnavailable("the queue of jobs is away") from error
