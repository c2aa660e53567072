"""Fifty callers at once for a minute: nobody lost, nobody bridged twice, and how long the slowest webhook took."""

import threading
from dataclasses import dataclass
from math import ceil
from statistics import median

from app.simulator.addresses import AddressBook
from app.simulator.carrier import Carrier
from app.simulator.webhook import Journal, Request, Web, WebhookRecord
from tests.benchmarks.bare import bare_server
from tests.drill.crowd import caller, moods
from tests.drill.judge import Loss, losses
from tests.drill.lines import Lines
from tests.drill.world import agent_names, world

_PROBE_SECONDS = 0.1
_WIND_DOWN_SECONDS = 100.0


@dataclass(frozen=True)
class Load:
    """What came of it; times in seconds."""

    calls: int
    most_at_once: int
    outcomes: dict[str, int]
    lost: list[Loss]
    gaps: int
    double_bridges: int
    webhooks: int
    median: float
    p99: float
    slowest: float
    bare_median: float
    bare_p99: float
    bare_slowest: float

    @property
    def passed(self) -> bool:
        """Whether everybody was served as the scenario says."""
        return not self.lost and not self.double_bridges


class _Probe:
    """Asks the bare view again and again, the way the carrier asks the server, while the load lasts."""

    def __init__(self, url: str, carrier: Carrier) -> None:
        self.journal = Journal()
        self._web = Web(carrier.exchange.settings.auth_token, AddressBook({}), self.journal)
        self._url = f"{url}/voice/incoming"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "_Probe":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._web.close()

    def _run(self) -> None:
        fields = {"CallSid": f"CA{0:032x}", "From": "+12025560000", "Direction": "inbound"}
        while not self._over.wait(_PROBE_SECONDS):
            self._web.send(Request(self._url, standard=fields, purpose="bare"))


def load(callers: int = 50, seconds: float = 60.0) -> Load:
    """Runs the load against a server with the scripted recognizer."""
    with world("scripted", moods(agent_names())) as running, bare_server() as bare:
        lines = Lines(running.carrier, callers, caller)
        most = 0
        with _Probe(bare, running.carrier) as probe:
            lines.start()
            for _ in range(int(seconds * 2)):
                running.carrier.exchange.pause(0.5)
                most = max(most, len(lines.alive()))
        lines.finish(_WIND_DOWN_SECONDS)
        return _summed_up(lines, running.carrier, most, probe.journal.all())


def _summed_up(lines: Lines, carrier: Carrier, most: int, bare: tuple[WebhookRecord, ...]) -> Load:
    outcomes: dict[str, int] = {}
    for handle in lines.handles:
        outcome = handle.result.outcome
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    ours = sorted(record.seconds for record in carrier.webhooks if record.purpose == "twiml")
    theirs = sorted(record.seconds for record in bare)
    return Load(
        calls=len(lines.handles), most_at_once=most, outcomes=outcomes, lost=losses(lines.handles),
        gaps=len(carrier.gaps), double_bridges=len(carrier.double_bridges), webhooks=len(ours),
        median=median(ours), p99=share(ours, 0.99), slowest=ours[-1],
        bare_median=median(theirs), bare_p99=share(theirs, 0.99), bare_slowest=theirs[-1],
    )  # fmt: skip


def share(ordered: list[float], part: float) -> float:
    """The value that this part of the ordered values does not exceed."""
    return ordered[max(0, ceil(part * len(ordered)) - 1)]
