"""The ways that are proven of the owner's rules are those that real callers take whom nobody answers."""

from dataclasses import replace
from datetime import time
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.core import tasks
from app.core.config import Agent, Config, Escalation, Hours, Menu, Queue, Route, Shift, Target, TargetKind, Turns
from app.core.config import Choice as MenuKey
from app.core.entities import TaskState
from app.core.routing.dead_ends import dead_ends, last_resorts
from app.core.tasks import Entry
from app.core.waiting_rules import AskedFor
from app.core.workflow import patience, step_due
from tests.builders import NOON, a_call

NAMES = ("a", "b", "c")
VOICEMAIL = Target(TargetKind.VOICEMAIL)
EVERYBODY, NOBODY = "1 == 1", "skills HAS 'x'"


def queue_target(name: str) -> Target:
    return Target(TargetKind.QUEUE, name)


def step(after: int, target: Target | None = None, **fields: Any) -> Escalation:
    return Escalation(after=after, target=target, **fields)


def a_config(serves: str = EVERYBODY, /, **steps: tuple[Escalation, ...]) -> Config:
    """Queues with these steps, each with a route to it."""
    return Config(
        version="v1",
        business="Shop",
        agents={"anna": Agent(name="anna", phone="+12025550111")},
        queues={name: Queue(name=name, title=name, serves=serves, escalation=each) for name, each in steps.items()},
        routes={
            name: Route(name=name, title=name, keywords=(name,), examples=(), target=queue_target(name))
            for name in steps
        },
    )


TARGETS = st.sampled_from([*map(queue_target, NAMES), Target(TargetKind.PERSON, "anna"), VOICEMAIL])
STEPS = st.lists(
    st.tuples(st.integers(1, 60), st.one_of(st.none(), TARGETS), st.sampled_from([None, EVERYBODY]), st.booleans()),
    max_size=3,
)
ASKED = st.one_of(
    st.none(), st.builds(AskedFor, wait=st.integers(1, 90), then=st.one_of(st.none(), TARGETS).filter(
        lambda target: target is None or target.kind is not TargetKind.PERSON)),
)  # fmt: skip


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """Three queues with any steps, and an agent who may be asked for."""
    steps: dict[str, tuple[Escalation, ...]] = {}
    for name in NAMES:
        after, made = 0, []
        for wait, target, serves, conditional in draw(STEPS):
            after += wait
            made.append(step(after, target, serves=serves, when_waiting=9 if conditional else 0))
        steps[name] = tuple(made)
    config = a_config(EVERYBODY, **steps)
    anna = Agent(name="anna", phone="+12025550111", asked_for=draw(ASKED))
    return Config(
        version="v1", business="Shop", agents={"anna": anna}, queues=config.queues, routes=config.routes,
        fallback=draw(TARGETS),
    )  # fmt: skip


def gets_out(config: Config, start: Target) -> bool:
    """Whether a caller whom nobody answers, in a line that nothing but time moves, ever leaves the lines."""
    entry = Entry("WT1", start, "", {})
    task = tasks.enter(a_call(), entry, config, NOON).writes[0].new
    for _ in range(60):
        assert task is not None
        now, alone = task.moves_on, patience(task, config)
        due = step_due(task, config, now)
        if due is not None:
            change = tasks.escalate(task, due, (), config, now)
        else:
            assert alone is not None
            change = tasks.give_up_on(task, alone, (), config, now)
        task = change.latest(task)
        if task.state is TaskState.CANCELED:
            return True
    return False


@settings(max_examples=200, deadline=None, phases=[Phase.generate])
@given(configs())
def test_callers_go_round_for_ever_in_just_the_files_that_are_refused(config: Config) -> None:
    starts = [*map(queue_target, NAMES)]
    if config.fallback.kind in (TargetKind.QUEUE, TargetKind.PERSON):
        starts.append(config.fallback)

    assert bool(dead_ends(config)) == (not all(gets_out(config, start) for start in starts))


def test_half_of_what_is_tried_goes_round() -> None:
    """Keeps the test above from proving nothing."""
    circles = 0

    @settings(max_examples=60, deadline=None, phases=[Phase.generate], derandomize=True, database=None)
    @given(configs())
    def count(config: Config) -> None:
        nonlocal circles
        circles += bool(dead_ends(config))

    count()
    assert 10 <= circles <= 50


def told(config: Config) -> list[str]:
    return [end.way for end in dead_ends(config)]


def test_queues_that_hand_callers_to_one_another_are_a_circle_told_once() -> None:
    circle = a_config(a=(step(60, queue_target("b")),), b=(step(90, queue_target("a")),))
    assert told(circle) == [
        "greeting -> route a: queue a -> after 1 min: queue b -> after 90 s: queue a again, for ever"
    ]
    assert dead_ends(circle)[0].where == ("queues", "b", "escalation", 0, "to")
    assert told(a_config(a=(step(60, queue_target("b")),), b=(step(90, VOICEMAIL),))) == []


def test_a_step_back_to_the_own_queue_starts_it_anew_for_ever() -> None:
    assert told(a_config(a=(step(60, queue_target("a")),))) == [
        "greeting -> route a: queue a -> after 1 min: queue a again, for ever"
    ]


def test_a_line_that_nobody_can_serve_has_to_be_led_out_of() -> None:
    assert told(a_config(NOBODY, a=())) == ["greeting -> route a: queue a (nobody can serve it) -> nothing more"]
    assert told(a_config(NOBODY, a=(step(60, queue_target("b")),), b=())) == [
        "greeting -> route a: queue a (nobody can serve it) -> after 1 min: queue b (nobody can serve it) "
        "-> nothing more",
        "greeting -> route b: queue b (nobody can serve it) -> nothing more",
    ]
    assert told(a_config(NOBODY, a=(step(60, VOICEMAIL),))) == []
    assert told(a_config(NOBODY, a=(step(60, serves=EVERYBODY),))) == []


def test_an_agent_whose_shifts_are_all_closed_serves_nobody() -> None:
    config = a_config(a=())
    closed = replace(config.agents["anna"], shifts=Hours())
    assert told(replace(config, agents={"anna": closed})) != []
    monday = Hours(slots=(Shift(weekday=0, opens=time(9), closes=time(12)),))
    assert told(replace(config, agents={"anna": replace(closed, shifts=monday)})) == []


def test_a_menu_is_a_way_out_if_one_of_its_keys_is() -> None:
    queue = (step(60, Target(TargetKind.MENU, "m")),)
    back = Menu(name="m", say="", choices=(MenuKey(keys="1", target=queue_target("a")),))
    out = Menu(name="m", say="", choices=(*back.choices, MenuKey(keys="2", target=VOICEMAIL)))
    config = a_config(a=queue)
    assert told(replace(config, menus={"m": back})) == [
        "greeting -> route a: queue a -> after 1 min: menu m -> key 1: queue a again, for ever"
    ]
    assert told(replace(config, menus={"m": out})) == []


def test_a_key_that_nobody_is_told_of_is_no_way_out_of_a_circle() -> None:
    circle = a_config(a=(step(60, queue_target("b")),), b=(step(90, queue_target("a")),), c=(step(9, VOICEMAIL),))
    assert told(replace(circle, person=queue_target("c"), fallback=queue_target("c"))) != []


def test_closing_time_ends_a_circle() -> None:
    circle = a_config(a=(step(60, queue_target("a")),))
    closing = replace(circle.queues["a"], at_closing=VOICEMAIL)
    assert told(replace(circle, queues={"a": closing})) == []


def test_the_menu_of_those_not_understood_and_the_closed_sign_are_ways_too() -> None:
    lost = a_config(a=(step(60, VOICEMAIL),), b=(step(60, queue_target("b")),))
    lost = replace(lost, routes={"a": lost.routes["a"]})
    assert told(lost) == []
    menu = Menu(name="m", say="", choices=(MenuKey(keys="1", target=queue_target("b")),))
    assert told(replace(lost, menus={"m": menu}, turns=Turns(menu="m"))) == [
        "greeting -> not understood: menu m -> key 1: queue b -> after 1 min: queue b again, for ever"
    ]
    assert told(replace(lost, hours=Hours(), closed=queue_target("b"))) == [
        "closed -> queue b -> after 1 min: queue b again, for ever"
    ]


def test_lines_that_only_the_last_resort_ends_are_named() -> None:
    config = a_config(a=(), b=(step(60, queue_target("a")),), c=(step(60, VOICEMAIL),))
    assert [(found.where, found.way) for found in last_resorts(config)] == [
        (("queues", "a"), "greeting -> route a: queue a"),
        (("queues", "b"), "greeting -> route b: queue b -> after 1 min: queue a"),
    ]
    assert "stay for 1 h, then reach voicemail" in last_resorts(config)[0].message
