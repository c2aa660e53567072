"""A small shop with real use cases over any store: tests tell its story call by call, on a clock they move."""

from dataclasses import dataclass, field, replace
from functools import cache

import models
from app.adapters.scorer import ModelScorer
from app.core.config import (
    Agent,
    Choice,
    Config,
    Escalation,
    Menu,
    PriorityRule,
    Queue,
    Route,
    Target,
    TargetKind,
    Turns,
)
from app.core.entities import Call, Reservation, Task, Worker
from app.core.events import Event, EventType
from app.core.inputs import Arrival, Digits, Parted, Silence, Utterance
from app.core.instructions import Ask, Instruction, Say, Script
from app.ports.store import Store
from app.store.memory import MemoryStore
from app.usecases import deadlines, dispatching, staffing
from app.usecases.context import Context
from app.usecases.conversation import listen
from app.usecases.desk import Desk
from app.usecases.switching import Switchboard
from tests.builders import FakeClock

ANNA, BEN, OWNER = "+12025550111", "+12025550112", "+12025550110"
VOICEMAIL = Target(TargetKind.VOICEMAIL)


def to_queue(name: str) -> Target:
    """The target of a queue."""
    return Target(TargetKind.QUEUE, name)


def _routes() -> tuple[Route, ...]:
    return (
        Route(
            name="order", title="orders", keywords=("order", "buy"), examples=("i want to place an order",),
            target=to_queue("sales"), key="1",
        ),
        Route(
            name="help", title="help", keywords=("problem", "broken", "my order"), examples=("something is wrong",),
            target=to_queue("support"), key="2",
        ),
        Route(
            name="susan", title="Susan", keywords=("susan",), examples=(), target=Target(TargetKind.PERSON, "susan")
        ),
        Route(
            name="secret", title="the secret menu", keywords=("open sesame",), examples=(), key="*7", hidden=True,
            target=Target(TargetKind.MENU, "secret"),
        ),
    )  # fmt: skip


def a_config(**changes: object) -> Config:
    """A shop with sales (anna, ben), support (ben) and an owner, susan, whom escalation reaches."""
    last = (
        Escalation(after=120, target=Target(TargetKind.PERSON, "susan"), say="Calling the owner."),
        Escalation(after=240, target=VOICEMAIL),
    )
    queues = (
        Queue(name="sales", title="orders", serves="skills HAS 'sales'", escalation=last, music="waltz.wav"),
        Queue(name="support", title="help", serves="skills HAS 'support'", escalation=last, person=to_queue("sales")),
    )
    secret = Menu(name="secret", say="Press 1 for the cave.", choices=(Choice(keys="1", target=to_queue("sales")),))
    config = Config(
        version="v1",
        business="Shop",
        greeting="Welcome. How can I help?",
        agents={
            "anna": Agent(name="anna", phone=ANNA, skills={"sales": 1}),
            "ben": Agent(name="ben", phone=BEN, skills={"sales": 1, "support": 1}),
            "susan": Agent(name="susan", phone=OWNER, escalation_only=True),
        },
        queues={queue.name: queue for queue in queues},
        routes={route.name: route for route in _routes()},
        menus={"secret": secret},
        priorities=(
            PriorityRule(name="regulars in trouble", raise_by=10, queue="support", called_times=3,
                         moods=frozenset({"frustrated"})),
        ),
        turns=Turns(),
    )  # fmt: skip
    return replace(config, **changes)  # type: ignore[arg-type]


class FixedConfigs:
    """One owner's file that never changes, unless the test says so."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def current(self) -> Config:
        """The rules for new calls."""
        return self.config

    def get(self, version: str) -> Config:
        """The same rules."""
        return self.config


class CountingIds:
    """Identities in order, so that the same story gives the same identities."""

    def __init__(self) -> None:
        self._count = 0

    def sid(self, prefix: str) -> str:
        """The next identity."""
        self._count += 1
        return f"{prefix}{self._count:04d}"

    def token(self) -> str:
        """The next secret."""
        return self.sid("token")


class Deaf:
    """No recognizer: tests say what was heard."""

    def listen(self) -> "Deaf":
        """Streams open, and nothing comes of them."""
        return self


@dataclass
class Shop:
    """Use cases, a store and a clock, driven in the words of the trade."""

    config: Config = field(default_factory=a_config)
    clock: FakeClock = field(default_factory=FakeClock)
    store: Store | None = None

    def __post_init__(self) -> None:
        store = self.store or MemoryStore("shop", self.clock)
        self.configs = FixedConfigs(self.config)
        self.context = Context(store, self.clock, CountingIds(), self.configs, _scorer(), workspace="shop")
        self.switchboard = Switchboard(self.context)
        self.desk = Desk(self.context, Deaf())  # type: ignore[arg-type]
        staffing.sync_workers(self.context)

    def rings(self, call: str = "CA1", caller: str = "+12025550131") -> Script:
        """A caller reaches our number."""
        return self.desk.answer(Arrival(call, caller))

    def hears(self, words: str, call: str = "CA1", *, began: int = -1, confidence: float = 1.0) -> bool:
        """The stream brings words of the caller."""
        return listen(self.context, call, Utterance(words, confidence, began=began))

    def listened(self, call: str = "CA1") -> bool:
        """The carrier opens the media stream of a call."""
        return self.desk.open_ear(call, self.call(call).token) is not None

    def presses(self, keys: str, call: str = "CA1", turn: int | None = None) -> Script:
        """The caller presses keys in answer to the present prompt."""
        return self.desk.turn(call, self.call(call).turn if turn is None else turn, Digits(keys))

    def silence(self, call: str = "CA1") -> Script:
        """The caller lets the prompt run out."""
        return self.desk.turn(call, self.call(call).turn, Silence())

    def waits_in(self, queue_words: str = "i want to order", call: str = "CA1", caller: str = "+12025550131") -> None:
        """A caller rings and asks for something that leads to a queue."""
        self.rings(call, caller)
        self.hears(queue_words, call)

    def dispatches(self) -> list[Reservation]:
        """The dispatcher pairs what it can; the offers that are open then."""
        dispatching.dispatch_everything(self.context)
        return self.offers()

    def offers(self) -> list[Reservation]:
        """Open offers, oldest first."""
        found = self.context.store.snapshot().reservations
        return [item for item in found if item.state.value == "pending"]

    def agent_takes(self, offer: Reservation, leg: str = "CAleg") -> Script:
        """The agent picks up and presses 1."""
        self.desk.offer(offer.sid, leg)
        return self.desk.offer_key(offer.sid, leg, "1")

    def connected(self, call: str = "CA1", leg: str = "CAleg") -> Reservation:
        """The dispatcher rings somebody, who takes the waiting caller and talks for a while."""
        offer = next(item for item in self.dispatches() if item.call == call)
        self.agent_takes(offer, leg)
        self.clock.advance_seconds(60)
        return self.reservation(offer.sid)

    def word_of_the_end(self, word: str, offer: Reservation, leg: str) -> None:
        """One of the webhooks by which the carrier tells that agent and caller are apart."""
        if word == "offer_ended":
            self.desk.offer_ended(offer.sid, leg, "completed")
        elif word == "agent_left":
            self.desk.agent_left(offer.sid, leg)
        else:
            self.desk.parted(offer.call, Parted("answered", bridged=word == "parted"))

    def passes(self, seconds: float) -> None:
        """Time passes, and the dispatcher looks after what is due."""
        self.clock.advance_seconds(seconds)
        deadlines.look_after_due(self.context)

    def call(self, sid: str = "CA1") -> Call:
        """A call as it is."""
        found = self.context.store.get(Call, sid)
        assert found is not None, f"no call {sid}"
        return found

    def task(self, call: str = "CA1") -> Task:
        """The task of a call as it is."""
        found = self.context.store.get(Task, self.call(call).task)
        assert found is not None, f"call {call} has no task"
        return found

    def reservation(self, sid: str) -> Reservation:
        """An offer as it is."""
        found = self.context.store.get(Reservation, sid)
        assert found is not None, f"no offer {sid}"
        return found

    def worker(self, name: str) -> Worker:
        """An agent as they are."""
        found = self.context.store.get(Worker, name)
        assert found is not None, f"no agent {name}"
        return found

    def events(self, *types: EventType) -> list[Event]:
        """Everything that happened, or only these types, in order."""
        all_events = [item.event for item in self.context.store.since("0", count=10_000)]
        return [event for event in all_events if not types or event.type in types]


@cache
def _scorer() -> ModelScorer:
    return ModelScorer(models.load_scorer())


def words_of(script: Script) -> str:
    """All that a script says, prompts included."""
    return " ".join(_said(instruction) for instruction in script.instructions).strip()


def _said(instruction: Instruction) -> str:
    if isinstance(instruction, Say):
        return instruction.text
    if isinstance(instruction, Ask):
        return " ".join(_said(prompt) for prompt in instruction.prompts)
    return ""
