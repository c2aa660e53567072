"""A file in which a caller can wait for ever is refused with the way that leads there; those that ship let all out."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.routing.dead_ends import last_resorts
from app.owner import LENDER, UNICONE, OwnerFileError, load
from app.owner.reader import read_source, read_tree
from app.owner.tree import plain

ROOT = Path(__file__).parents[2]
PACKAGED = {"unicone": UNICONE, "lender": LENDER}
OTHERS = [ROOT / "tests" / "owner" / "shop.yaml", ROOT / "tests" / "scenarios" / "shop.yaml",
          ROOT / "tests" / "drill" / "drill.yaml"]  # fmt: skip
File = dict[str, Any]


def data_of(path: Path) -> File:
    data = plain(read_tree(read_source(path))[0])
    assert isinstance(data, dict)
    return data


def refusal(data: File) -> str:
    with pytest.raises(OwnerFileError) as caught:
        load(json.dumps(data))
    return "\n".join(str(problem) for problem in caught.value.problems)


def to(queue: str, after: str = "1 min") -> list[File]:
    return [{"after": after, "to": {"queue": queue}}]


def names(mutate: Any) -> list[Any]:
    return [
        pytest.param(path, case, id=f"{name}: {case}")
        for name, path in PACKAGED.items()
        for case in mutate(data_of(path))
    ]


def pairs(data: File) -> Iterator[tuple[str, str]]:
    queues = list(data["queues"])
    yield from zip(queues, [*queues[1:], queues[0]], strict=True)


@pytest.mark.parametrize("path", [*PACKAGED.values(), *OTHERS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_files_that_ship_and_those_of_the_tests_let_every_caller_out(path: Path) -> None:
    load(path)


@pytest.mark.parametrize("path", PACKAGED.values(), ids=PACKAGED)
def test_no_way_in_the_examples_relies_on_the_last_resort(path: Path) -> None:
    assert last_resorts(load(path)) == ()


# --- every one of these turns a file that ships into one in which somebody waits for ever ---------------------------


@pytest.mark.parametrize(("path", "case"), names(pairs))
def test_two_queues_that_send_callers_to_each_other(path: Path, case: tuple[str, str]) -> None:
    data, (one, other) = data_of(path), case
    data["queues"][one]["escalation"], data["queues"][other]["escalation"] = to(other), to(one)
    told = refusal(data)
    assert f"queue {one} -> after 1 min: queue {other} -> after 1 min: queue {one} again, for ever" in told or (
        f"queue {other} -> after 1 min: queue {one} -> after 1 min: queue {other} again, for ever" in told
    )
    assert ": greeting -> " in told


@pytest.mark.parametrize(("path", "queue"), names(lambda data: data["queues"]))
def test_a_queue_that_starts_over_instead_of_leading_out(path: Path, queue: str) -> None:
    data = data_of(path)
    data["queues"][queue]["escalation"] = to(queue)
    assert f"queue {queue} -> after 1 min: queue {queue} again, for ever" in refusal(data)


@pytest.mark.parametrize("path", PACKAGED.values(), ids=PACKAGED)
def test_all_queues_in_one_ring(path: Path) -> None:
    data = data_of(path)
    for one, other in pairs(data):
        data["queues"][one]["escalation"] = to(other)
    (line,) = refusal(data).splitlines()
    assert line.count("-> after 1 min: queue ") == len(data["queues"])


@pytest.mark.parametrize(("path", "queue"), names(lambda data: data["queues"]))
def test_a_queue_whose_agents_lost_their_skills_and_that_leads_nowhere(path: Path, queue: str) -> None:
    data = data_of(path)
    data["queues"][queue] = {"serves": "skills HAS 'gone'"}
    told = refusal(data)
    assert "waits for ever, as nobody can answer and no step leads out: greeting -> " in told
    assert f"queue {queue} (nobody can serve it) -> nothing more" in told


@pytest.mark.parametrize(("path", "case"), names(pairs))
def test_an_unserved_queue_that_only_leads_to_another(path: Path, case: tuple[str, str]) -> None:
    data, (one, other) = data_of(path), case
    data["queues"][one] = {"serves": "skills HAS 'gone'", "escalation": to(other)}
    data["queues"][other] = {"serves": "skills HAS 'gone'"}
    assert f"queue {other} (nobody can serve it) -> nothing more" in refusal(data)


@pytest.mark.parametrize("path", PACKAGED.values(), ids=PACKAGED)
def test_agents_who_are_never_on_duty(path: Path) -> None:
    data = data_of(path)
    for agent in data["agents"].values():
        agent["shifts"] = {"mon": "closed"}
    for queue in data["queues"].values():
        queue.pop("escalation", None)
    assert "(nobody can serve it) -> nothing more" in refusal(data)


@pytest.mark.parametrize("path", PACKAGED.values(), ids=PACKAGED)
def test_a_menu_whose_every_key_leads_back_into_the_queue_it_came_from(path: Path) -> None:
    data = data_of(path)
    queue = next(iter(data["queues"]))
    data["menus"] = {**data.get("menus", {}), "again": {"say": "Press one.", "keys": {"1": {"to": {"queue": queue}}}}}
    data["queues"][queue]["escalation"] = [{"after": "1 min", "to": {"menu": "again"}}]
    data["otherwise"] = {"queue": queue}
    assert f"queue {queue} -> after 1 min: menu again -> key 1: queue {queue} again, for ever" in refusal(data)


@pytest.mark.parametrize("path", PACKAGED.values(), ids=PACKAGED)
def test_a_closed_sign_that_leads_into_a_circle(path: Path) -> None:
    data = data_of(path)
    data["queues"]["night"] = {"serves": "1 == 1", "escalation": to("night")}
    data["closed"] = {"then": {"queue": "night"}}
    assert "closed -> queue night -> after 1 min: queue night again, for ever" in refusal(data)


def test_the_way_is_shown_at_the_step_that_closes_the_circle() -> None:
    text = """\
business: Shop
time zone: UTC
agents: {anna: {phone: "+12025550111"}}
routes: {buy: {words: [buy], to: {queue: sales}}}
queues:
  sales:
    serves: 1 == 1
    escalation:
      - after: 2 min
        to: {queue: sales}
"""
    with pytest.raises(OwnerFileError) as caught:
        load(text)
    assert [str(problem) for problem in caught.value.problems] == [
        "owner.yaml:10:13: a caller in queue sales whom nobody answers is sent round in a circle for ever: greeting -> "
        "route buy: queue sales -> after 2 min: queue sales again, for ever (let one of its steps lead to voicemail, a "
        "message or a number)"
    ]


def test_what_the_schema_rejects_is_no_reason_to_speak_of_dead_ends() -> None:
    data = data_of(UNICONE)
    data["queues"]["sales"]["escalation"] = [{"after": "1 min", "to": {"queeu": "support"}}]
    assert "for ever" not in refusal(data)
