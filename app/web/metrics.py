"""The numbers of /metrics, read from the store and history when they are asked for."""

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.core.entities import Task, TaskState
from app.ports.history import HistoryUnavailable
from app.ports.store import StoreUnavailable
from app.usecases.link import suspected_since
from app.web.services import Services
from app.web.view import agents


class StoreCollector(Collector):
    """Gauges of what is live now, and counters of all events ever recorded. No label holds anything personal."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead of time: registering must not need the store."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Everything that can be had; `switchboard_up` says what could not."""
        up = GaugeMetricFamily("switchboard_up", "1 if this part answers", labels=["part"])
        for part, read in (("store", self._live), ("history", self._counted)):
            try:
                found = list(read())
            except (StoreUnavailable, HistoryUnavailable):
                found = []
            yield from found
            up.add_metric([part], float(bool(found)))
        yield up

    def _live(self) -> Iterator[Metric]:
        snapshot, now = self._services.store.snapshot(), self._services.clock.now()
        waiting = [task for task in snapshot.tasks if task.state in (TaskState.PENDING, TaskState.RESERVED)]
        queues = sorted({*self._services.config().queues, *(task.queue for task in waiting)})
        yield _gauge("waiting_calls", "Callers waiting", "queue", _per_queue(queues, waiting))
        oldest = {
            queue: max((now - task.created for task in waiting if task.queue == queue), default=0) / 1000
            for queue in queues
        }
        yield _gauge("oldest_wait_seconds", "The longest present wait", "queue", oldest)
        states = Counter(agent["state"] for agent in agents(snapshot))
        yield _gauge("agents", "Agents by what they are doing", "state", states)
        calls = Counter(call.state.value for call in snapshot.calls)
        watched = self._services.config().offers.suspect_link is not None
        suspected = watched and suspected_since(self._services.store) > 0
        yield GaugeMetricFamily(
            "switchboard_link_suspected", "1 while our own line to the agents is suspected", value=float(suspected)
        )
        yield _gauge("live_calls", "Callers on the line by state", "state", calls)

    def _counted(self) -> Iterator[Metric]:
        counters = CounterMetricFamily("switchboard_events", "Events recorded, by type", labels=["type"])
        for kind, count in sorted(self._services.history.counts().items()):
            counters.add_metric([kind], count)
        yield counters


def _per_queue(queues: Iterable[str], waiting: Iterable[Task]) -> dict[str, float]:
    counted = Counter(task.queue for task in waiting)
    return {queue: counted[queue] for queue in queues}


def _gauge(name: str, text: str, label: str, values: "dict[str, float] | Counter[str]") -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"switchboard_{name}", text, labels=[label])
    for value, number in sorted(values.items()):
        gauge.add_metric([value], number)
    return gauge
