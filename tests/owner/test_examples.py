"""The examples that ship: they load, editors can check them, and they say what the issue of Unicone asks for."""

import json
from typing import Any

import jsonschema
import pytest

from app.core.config import Config, Target, TargetKind
from app.core.skills import serving
from app.owner import DEMO_TIMES, EXAMPLES, LENDER, UNICONE, load, schema
from app.owner.reader import read_source, read_tree
from app.owner.tree import plain

SUSAN = Target(TargetKind.PERSON, "susan")
VOICEMAIL = Target(TargetKind.VOICEMAIL)


def data_of(text_or_path: Any) -> Any:
    return plain(read_tree(read_source(text_or_path))[0])


@pytest.fixture(name="unicone", scope="module")
def _unicone() -> Config:
    return load(UNICONE)


@pytest.fixture(name="lender", scope="module")
def _lender() -> Config:
    return load(LENDER)


@pytest.mark.parametrize("path", [UNICONE, LENDER], ids=lambda path: path.stem)
def test_editors_find_no_fault_with_the_examples(path: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(data_of(path), schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "mistake",
    ["gretting: Hi\n", "listening: alive\n", "otherwise: sales\n", "agents: {anna: {}}\n", "turns: {reprompts: 9}\n"],
)
def test_editors_find_what_is_plainly_wrong(mistake: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data_of("business: x\ntime zone: UTC\n" + mistake), schema())


def test_the_schema_beside_the_examples_is_the_present_one() -> None:
    shipped = json.loads((EXAMPLES / "owner-file.schema.json").read_text(encoding="utf-8"))
    assert shipped == schema(), "write it again: switchboard schema > app/owner/examples/owner-file.schema.json"


def test_every_key_of_the_file_is_described_for_editors() -> None:
    sheets = {"the file": schema(), **schema()["$defs"]}
    keys = [(name, key, about) for name, sheet in sheets.items() for key, about in sheet.get("properties", {}).items()]
    assert len(keys) > 80
    assert [(name, key) for name, key, about in keys if not about.get("description")] == []


def test_orders_catering_and_support_are_three_workflows(unicone: Config) -> None:
    assert {name: serving(unicone, name) for name in ("sales", "catering", "support")} == {
        "sales": ("anna", "david"),
        "catering": ("anna", "emma"),
        "support": ("emma", "james"),
    }
    assert unicone.routes["sales"].target == Target(TargetKind.QUEUE, "sales")
    assert unicone.routes["catering"].target == Target(TargetKind.QUEUE, "catering")
    assert unicone.routes["support"].target == Target(TargetKind.QUEUE, "support")


def test_two_stormscoopers_take_calls_that_mention_flavors(unicone: Config) -> None:
    assert unicone.routes["flavors"].keywords == ("flavors",)
    assert unicone.routes["flavors"].target == Target(TargetKind.QUEUE, "flavors")
    assert serving(unicone, "flavors") == ("kate", "tom")


def test_catering_and_support_lead_to_a_person_at_any_moment(unicone: Config) -> None:
    for name in ("catering", "support"):
        assert unicone.queues[name].person == Target(TargetKind.QUEUE, "people")
    assert serving(unicone, "people") == ("anna", "david", "emma", "james")


def test_two_minutes_on_hold_ring_the_owner_and_every_road_ends(unicone: Config) -> None:
    for queue in unicone.queues.values():
        assert [(step.after, step.target) for step in queue.escalation] == [(120, SUSAN), (240, VOICEMAIL)]


def test_the_owners_name_leads_to_her_telephone(unicone: Config) -> None:
    assert unicone.routes["susan"].keywords == ("susan",)
    assert unicone.routes["susan"].target == SUSAN
    assert unicone.agents["susan"].phone == "+12025550110"
    assert unicone.agents["susan"].escalation_only


def test_the_secret_menu_is_known_to_regulars_only(unicone: Config) -> None:
    secret = unicone.routes["secret"]
    assert (secret.hidden, secret.key, secret.target) == (True, "*7", Target(TargetKind.MENU, "secret"))
    announced = [unicone.greeting, *(menu.say for name, menu in unicone.menus.items() if name != "secret")]
    assert not [text for text in announced if "secret" in text.lower() or secret.keywords[0] in text.lower()]


def test_moods_and_repeat_calls_raise_a_call(unicone: Config) -> None:
    upset, eager = unicone.priorities
    assert (upset.queue, upset.called_times, upset.called_days, upset.moods) == ("support", 3, 7, {"frustrated"})
    assert (eager.queue, eager.called_times, eager.moods) == ("sales", 0, {"excited", "urgent"})
    assert min(upset.raise_by, eager.raise_by) > 0


def test_the_demo_changes_times_and_nothing_else(unicone: Config) -> None:
    demo = load(UNICONE, DEMO_TIMES)
    assert demo.routes == unicone.routes
    assert demo.agents == unicone.agents
    assert demo.priorities == unicone.priorities
    for name, queue in demo.queues.items():
        before = unicone.queues[name]
        assert [(step.target, step.say) for step in queue.escalation] == [
            (step.target, step.say) for step in before.escalation
        ]
        assert queue.escalation[0].after < 15
        assert queue.wrap_up < before.wrap_up
    assert demo.offers.ring <= 5


def test_a_lender_routes_by_what_agents_can_do(lender: Config) -> None:
    assert serving(lender, "applications") == ("maria", "peter")
    assert serving(lender, "service") == ("michael", "sarah")
    assert serving(lender, "managers") == ("maria",)


def test_priority_customers_of_the_lender_get_a_manager(lender: Config) -> None:
    rule = lender.priorities[0]
    assert (rule.vip, rule.target) == (True, Target(TargetKind.QUEUE, "managers"))
    assert lender.vips
