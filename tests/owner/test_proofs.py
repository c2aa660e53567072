"""A file that can be used may still do what its owner did not mean: that is proven, with its place and its way."""

from pathlib import Path

import pytest

from app.owner import DEMO_TIMES, LENDER, UNICONE, load
from app.owner.proofs import Proven, proofs

SHOP = """\
business: Shop
time zone: UTC
otherwise: {queue: sales}
agents:
  anna: {phone: "+12025550111", skills: {orders: 3}}
  otto: {phone: "+12025550112", skills: [night], starts: off}
queues:
  sales:
    serves: skills HAS 'orders'
    escalation: [{after: 2 min, to: voicemail}]
"""


def proven(tmp_path: Path, text: str, overlay: str = "") -> list[str]:
    file, over = tmp_path / "shop.yaml", tmp_path / "over.yaml"
    file.write_text(text, encoding="utf-8")
    over.write_text(overlay, encoding="utf-8")
    laid = over if overlay else None
    return [shown(found, tmp_path) for found in proofs(load(file, laid), file, laid)]


def shown(found: Proven, folder: Path) -> str:
    return f"{found.severity} {str(found).replace(f'{folder}/', '')}"


@pytest.mark.parametrize(("path", "overlay"), [(UNICONE, None), (UNICONE, DEMO_TIMES), (LENDER, None)])
def test_the_examples_do_what_they_say(path: Path, overlay: Path | None) -> None:
    assert proofs(load(path, overlay), path, overlay) == ()


def test_a_file_that_does_what_it_says_has_nothing_proven_of_it(tmp_path: Path) -> None:
    assert proven(tmp_path, SHOP) == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("skills HAS 'orders' OR name HAS 'anna'", "9:36: name is a string, and HAS needs a list"),
        ("skills HAS 'orders' OR skills == 'orders'", '9:46: skills is a list and "orders" is a string'),
        ("levels.orders >= 1 OR levels.orders == '3'", '9:52: levels.orders is a number and "3" is a string'),
        ("skills HAS 'orders' OR levels.orders > 3 AND levels.orders < 2", "9:36: levels.orders > 3 AND levels.orders"),
    ],
)
def test_a_part_of_a_rule_that_can_never_hold_is_an_error_at_its_column(tmp_path: Path, rule: str, said: str) -> None:
    (found,) = proven(tmp_path, SHOP.replace("skills HAS 'orders'", rule))
    assert found.startswith(f"error shop.yaml:{said}")


def test_steps_that_widen_who_serves_are_read_as_well(tmp_path: Path) -> None:
    step = "{after: 1 min, serves: \"skills HAS 'orders' OR languages == 'en'\"}"
    (found,) = proven(tmp_path, SHOP.replace("[{after: 2 min", f"[{step}, {{after: 2 min"))
    assert found.startswith("error shop.yaml:10:")
    assert "languages is a list" in found


def test_a_line_that_only_the_last_resort_ends_is_named_with_its_way(tmp_path: Path) -> None:
    text = SHOP.replace("    escalation: [{after: 2 min, to: voicemail}]\n", "")
    assert proven(tmp_path, text) == [
        "warning shop.yaml:8:3: nothing in the file leads out of queue sales; callers whom nobody answers stay for 1 "
        "h, then reach voicemail: greeting -> a person asked for, or nothing understood: queue sales (add an "
        "escalation step that leads to voicemail, a message or a number)"
    ]


def test_a_queue_to_which_nothing_leads_is_named(tmp_path: Path) -> None:
    text = SHOP + "  night:\n    serves: skills HAS 'orders'\n    escalation: [{after: 2 min, to: voicemail}]\n"
    assert proven(tmp_path, text) == [
        'warning shop.yaml:11:3: no route, key, rule or step leads to the queue "night" (lead callers there, or '
        "remove it)"
    ]


def test_a_queue_whose_agents_all_begin_off_duty_is_named(tmp_path: Path) -> None:
    (found,) = proven(tmp_path, SHOP.replace("'orders'", "'night'"))
    assert 'nobody serves the queue "sales" until one of them goes on duty: otto' in found


def test_a_silent_caller_in_a_menu_that_leads_to_itself_is_told_of(tmp_path: Path) -> None:
    text = """\
business: Shop
time zone: UTC
otherwise: {menu: main}
menus: {main: {say: Press one., keys: {1: {to: voicemail}}}}
"""
    (found,) = proven(tmp_path, text)
    assert found.startswith("warning shop.yaml:3:12: a caller who says nothing and presses nothing hears the menu")


def test_a_place_in_an_overlay_is_named_as_such(tmp_path: Path) -> None:
    (found,) = proven(tmp_path, SHOP, "queues:\n  sales:\n    serves: skills HAS 'orders' OR name HAS 'x'\n")
    assert found.startswith("error over.yaml:3:36: ")
