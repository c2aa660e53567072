"""Every kind of mistake in an owner's file is reported with its line, its column and what to do."""

from pathlib import Path

import pytest

from app.owner import OwnerFileError, load

SHOP = """\
business: Unicone
number: "+12025550100"
time zone: America/New_York
agents:
  anna: {phone: "+12025550111", skills: {orders: 3}}
queues:
  sales: {serves: skills HAS 'orders'}
"""


def mistakes(text: str, overlay: str | None = None) -> list[str]:
    with pytest.raises(OwnerFileError) as caught:
        load(text, overlay)
    return [str(problem) for problem in caught.value.problems]


def test_the_shop_of_these_tests_is_right() -> None:
    assert load(SHOP).business == "Unicone"


ADDED = {
    "unknown word": (
        "gretting: Hello\n",
        'owner.yaml:8:1: "gretting" is not a word this file knows (did you mean "greeting"?)',
    ),
    "unknown word inside": (
        "offers:\n  rings: 20 s\n",
        'owner.yaml:9:3: "rings" is not a word this file knows (did you mean "ring"?)',
    ),
    "one of a few words": (
        "listening: alive\n",
        'owner.yaml:8:12: "alive" cannot be used here (did you mean "live"?)',
    ),
    "text where a list belongs": (
        "routes:\n  r: {words: order, to: voicemail}\n",
        "owner.yaml:9:14: a list is expected here (put brackets round it: [order])",
    ),
    "number where text belongs": (
        "greeting: 5\n",
        "owner.yaml:8:11: text is expected here (put quotes round it)",
    ),
    "text where lines belong": (
        "turns: fast\n",
        "owner.yaml:8:8: lines of `name: value` are expected here (indent them by two spaces)",
    ),
    "too large": (
        "turns: {reprompts: 9}\n",
        'owner.yaml:8:20: "9" is too large (at most 5)',
    ),
    "too small": (
        "offers: {ring: 0 s}\n",
        'owner.yaml:8:16: "0 s" is too small (at least 1)',
    ),
    "not a number": (
        "turns: {reprompts: often}\n",
        'owner.yaml:8:20: "often" is not a whole number (write digits only)',
    ),
    "not a length of time": (
        "offers: {ring: soon}\n",
        'owner.yaml:8:16: "soon" is not a length of time (write it like 30 s, 2 min or 1 h)',
    ),
    "unknown unit": (
        "offers: {ring: 500 ms}\n",
        'owner.yaml:8:16: "ms" is not a unit of time (write it like 30 s, 2 min or 1 h)',
    ),
    "neither yes nor no": (
        "routes: {r: {words: [x], to: voicemail, hidden: maybe}}\n",
        'owner.yaml:8:49: "maybe" is neither yes nor no (write yes or no)',
    ),
    "empty text": (
        "greeting: ''\n",
        "owner.yaml:8:11: some text is expected here (write what is to be said)",
    ),
    "unknown queue": (
        "otherwise: {queue: slaes}\n",
        'owner.yaml:8:20: there is no queue "slaes" (did you mean "sales"?)',
    ),
    "unknown agent": (
        "otherwise: {person: bob}\n",
        'owner.yaml:8:21: there is no agent "bob" (there is: anna)',
    ),
    "unknown menu": (
        "otherwise: {menu: main}\n",
        'owner.yaml:8:19: there is no menu "main" (add it under `menus`)',
    ),
    "unknown menu for the conversation": (
        "turns: {menu: main}\n",
        'owner.yaml:8:15: there is no menu "main" (add it under `menus`)',
    ),
    "unknown queue in a rule": (
        "priorities:\n- {name: a, queue: sale, raise by: 1}\n",
        'owner.yaml:9:20: there is no queue "sale" (did you mean "sales"?)',
    ),
    "rule that changes nothing": (
        "priorities:\n- name: a\n  vip: yes\n",
        'owner.yaml:9:3: the rule "a" changes nothing (add `raise by: 5`, `raise places: 3`, `ahead: yes`, or `to:` '
        "and a place to go)",
    ),
    "unknown mood": (
        "priorities:\n- {name: a, moods: [frustratd], raise by: 1}\n",
        'owner.yaml:9:21: "frustratd" cannot be used here (did you mean "frustrated"?)',
    ),
    "unknown kind of place": (
        "otherwise: {persn: anna}\n",
        'owner.yaml:8:12: "persn" is not a kind of place (did you mean "person"?)',
    ),
    "place as a word": (
        "otherwise: sales\n",
        'owner.yaml:8:12: "sales" is not a place to go (write a place to go: {queue: sales}, {person: anna}, '
        '{menu: main}, {message: "…"}, {number: "+1…"}, voicemail or hang up)',
    ),
    "day that does not exist": (
        "hours: {mnday: 9:00-17:00}\n",
        'owner.yaml:8:9: "mnday" is not a day (write mon to sun, mon-fri, or sat, sun; dates go under holidays)',
    ),
    "hours that close before opening": (
        "hours: {sat: 18:00-2:00}\n",
        'owner.yaml:8:14: "18:00-2:00" closes before it opens (to close after midnight, write "18:00-24:00" here '
        'and "0:00-2:00" on the next day)',
    ),
    "hours that overlap": (
        "hours:\n  sat: 9:00-12:00, 11:30-14:00\n",
        'owner.yaml:9:8: "9:00-12:00, 11:30-14:00" overlaps itself (let each time span begin after the one before)',
    ),
    "day given twice": (
        "hours: {mon-fri: 9:00-17:00, fri: closed}\n",
        'owner.yaml:8:30: "fri" is already part of "mon-fri" (write all hours of a day on one line, such as '
        '"9:00-12:00, 14:00-18:00")',
    ),
    "hours that are no time": (
        "hours: {mon: 9-17}\n",
        'owner.yaml:8:14: "9" is not a time of day (write hours like "9:00-12:30, 13:30-18:00", or closed; 6 pm is '
        "18:00)",
    ),
    "hours without a day": (
        "hours: {holidays: {2026-12-25: closed}}\n",
        "owner.yaml:8:1: no day is open (add a line like `mon-fri: 9:00-17:00`, or leave all out)",
    ),
    "date that does not exist": (
        "hours: {mon: 9:00-17:00, holidays: {2026-02-30: closed}}\n",
        'owner.yaml:8:37: "2026-02-30" is not a date (write it like 2026-12-25)',
    ),
    "number without a country": (
        "vips: [202-555-0123]\n",
        'owner.yaml:8:8: "202-555-0123" is not a telephone number (begin with + and the country code; in the USA '
        'that is "+12025550123")',
    ),
    "number with a digit missing": (
        'vips: ["+1202555012"]\n',
        'owner.yaml:8:8: "+1202555012" is not a possible telephone number (count its digits)',
    ),
    "number that may not be dialled": (
        'otherwise: {number: "+4721000000"}\n',
        'owner.yaml:8:21: "+4721000000" is in NO, where the server may not dial (if you mean it, write NO under '
        "limits, countries)",
    ),
    "call that goes in a circle": (
        'otherwise: {number: "+12025550100"}\n',
        "owner.yaml:8:21: this is your own number; the call would go in a circle (name another number, or a queue)",
    ),
    "country that does not exist": (
        "limits: {countries: [US, CA, UK]}\n",
        'owner.yaml:8:30: "UK" is not a country\'s two letters (write them like US, CA, GB)',
    ),
    "important and blocked": (
        'vips: ["+12025550123"]\nblocked: ["+1 202 555 0123"]\n',
        'owner.yaml:9:11: "+12025550123" is also under vips (remove one of the two)',
    ),
    "word claimed twice": (
        "routes:\n  a: {words: [order], to: voicemail}\n  b: {words: [pay, Order], to: voicemail}\n",
        'owner.yaml:10:20: "order" already leads to the route "a" (keep it in one of them)',
    ),
    "word that asks for a person": (
        "routes:\n  a: {words: [operator], to: voicemail}\n",
        'owner.yaml:9:15: "operator" already asks for a person (remove it here, or list your own under '
        "`person words`)",
    ),
    "key claimed twice": (
        "routes:\n  a: {key: 1, to: voicemail}\n  b: {key: 1, to: voicemail}\n",
        'owner.yaml:10:12: the key 1 already leads to the route "a" (choose another)',
    ),
    "key of a person": (
        "routes:\n  a: {key: 0, to: voicemail}\n",
        "owner.yaml:9:12: 0 always leads to a person (choose another key)",
    ),
    "not a key": (
        "routes:\n  a: {key: x, to: voicemail}\n",
        "owner.yaml:9:12: \"x\" is not a key of a telephone (use 0 to 9, * and #; quote * and #: '*7')",
    ),
    "route that nothing leads to": (
        "routes:\n  a: {to: voicemail}\n",
        'owner.yaml:9:3: nothing leads to the route "a" (add `words`, `examples` or a `key`)',
    ),
    "route that leads nowhere": (
        "routes:\n  a: {words: [x]}\n",
        'owner.yaml:9:3: "to" is missing (add it: Where the caller goes)',
    ),
    "word for two keys": (
        "menus:\n  m:\n    say: Hi\n    keys: {1: {to: voicemail, words: [a]}, 2: {to: voicemail, words: [a]}}\n",
        'owner.yaml:11:71: "a" already means the key 1 (keep it in one of them)',
    ),
    "key twice in a menu": (
        "menus:\n  m:\n    say: Hi\n    keys:\n      1: {to: voicemail}\n      1: {to: hang up}\n",
        'owner.yaml:13:7: "1" is written twice (the first is on line 12; keep one of them)',
    ),
    "menu without keys": (
        "menus:\n  m: {say: Hi, keys: {}}\n",
        "owner.yaml:9:22: nothing is listed here (at least 1 is needed)",
    ),
    "question without its subject": (
        "turns: {confirm: Sure?}\n",
        "owner.yaml:8:18: the question does not say what it asks about (write it like \"Did you want {title}?\")",
    ),
    "question with other fields": (
        'turns: {confirm: "{title} or {name}?"}\n',
        "owner.yaml:8:18: the question holds other { or } ({title} is the only thing that can be filled in)",
    ),
    "confidence upside down": (
        "turns: {ignore below: 0.7}\n",
        "owner.yaml:8:23: `ignore below` is above `confirm below` (now 0.7 and 0.6; raise `confirm below` or lower "
        "`ignore below`)",
    ),
    "key with two meanings": (
        "offers: {decline key: 1}\n",
        "owner.yaml:8:23: the key 1 is also the `accept key` (choose another)",
    ),
    "reason that is none": (
        "offers: {missed: {bussy: {limit: 3}}}\n",
        'owner.yaml:8:19: "bussy" is not a word this file knows (did you mean "busy"?)',
    ),
    "line suspected too late": (
        "offers: {suspect link: {failed: 7}}\n",
        "owner.yaml:8:33: more offers than are looked at cannot fail (now 7 of 6; let `of` be the larger)",
    ),
    "name that cannot be one": (
        'routes: {"@anna": {words: [x], to: voicemail}}\n',
        'owner.yaml:8:10: "@anna" cannot be a name (begin with a letter; use letters, digits, spaces, - and _)',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ADDED.values(), ids=ADDED.keys())
def test_a_mistake_is_reported_where_it_stands(text: str, expected: str) -> None:
    assert mistakes(SHOP + text) == [expected]


ANNA = 'anna: {phone: "+12025550111", skills: {orders: 3}}'
SALES = "sales: {serves: skills HAS 'orders'}"
FOR_EVER = (
    "; a caller in queue sales waits for ever, as nobody can answer and no step leads out: greeting -> a person asked "
    "for, or nothing understood: queue sales (nobody can serve it) -> nothing more"
)
CHANGED = {
    "no name": (
        "business: Unicone\n", "",
        'owner.yaml:1:1: "business" is missing (add it: The name of your business)',
    ),
    "empty value": (
        "business: Unicone", "business:",
        'owner.yaml:1:1: "business" is missing (add it: The name of your business)',
    ),
    "unknown time zone": (
        "America/New_York", "America/NewYork",
        'owner.yaml:3:12: "America/NewYork" is not a time zone (did you mean "America/New_York"?)',
    ),
    "agent without a telephone": (
        ANNA, "anna: {skills: [orders]}",
        'owner.yaml:5:3: "phone" is missing (add it: The telephone that rings, with + and country code)',
    ),
    "skills that are no list": (
        "{orders: 3}}", "orders}",
        "owner.yaml:5:41: skills are expected here (write [orders, catering], or with levels {orders: 3})",
    ),
    "level that is no number": (
        "{orders: 3}", "{orders: high}",
        'owner.yaml:5:41: the level of "orders" is not a number from 0 to 100 (write [orders, catering], or with '
        "levels {orders: 3})",
    ),
    "skill that is no name": (
        "{orders: 3}", "{orders: 3, big-orders: 1}",
        'owner.yaml:5:41: "big-orders" is not a name for a skill (use letters, digits and _ only)',
    ),
    "agent with the shop's telephone": (
        "+12025550111", "+12025550100",
        "owner.yaml:5:17: this is the number that callers dial (an agent needs a telephone of their own)",
    ),
    "agent in a country that is not allowed": (
        "+12025550111", "+4721000000",
        'owner.yaml:5:17: "+4721000000" is in NO, where the server may not dial (if you mean it, write NO under '
        "limits, countries)",
    ),
    "two agents with one telephone": (
        ANNA, ANNA + '\n  bob: {phone: "+12025550111"}',
        'owner.yaml:6:16: "anna" has the same telephone (each agent needs their own)',
    ),
    "rule that cannot be read": (
        "skills HAS 'orders'", "skills HAS orders-x",
        "owner.yaml:7:36: did not expect '-' here (names have no hyphens; use _ instead)",
    ),
    "rule that cannot be read, in quotes": (
        "skills HAS 'orders'", '"skills HAS \'orders\' &"',
        "owner.yaml:7:40: did not expect '&' here (write AND)",
    ),
    "rule on several lines": (
        SALES, "sales:\n    serves: >-\n      skills HAS\n      'orders' AND",
        "owner.yaml:8:13: the rule stops too early (write it like: skills HAS 'orders' AND levels.orders >= 2)",
    ),
    "rule about something agents do not have": (
        "skills HAS 'orders'", "skills HAS 'orders' AND skils HAS 'x'",
        'owner.yaml:7:43: agents have no "skils"' + FOR_EVER + ' (did you mean "skills"?)',
    ),
    "rule about a skill nobody has": (
        "skills HAS 'orders'", "skills HAS 'orders' OR skills HAS 'ordrs'",
        'owner.yaml:7:54: no agent has the skill "ordrs" (did you mean "orders"?)',
    ),
    "rule about a level nobody has": (
        "skills HAS 'orders'", "levels.catering > 1",
        'owner.yaml:7:26: no agent has the skill "catering"' + FOR_EVER + ' (there is: orders)',
    ),
    "rule about a language nobody speaks": (
        "skills HAS 'orders'", "\"'es' IN languages\"",
        'owner.yaml:7:21: no agent has the language "es"' + FOR_EVER + ' (there is: en)',
    ),
    "queue that nobody can serve": (
        "skills HAS 'orders'", "levels.orders > 3",
        'owner.yaml:7:19: no agent can serve the queue "sales"' + FOR_EVER
        + " (give an agent what the rule asks for, or change the rule)",
    ),
    "queue that only the kept-back can serve": (
        "skills: {orders: 3}", "skills: {orders: 3}, escalation only: yes",
        'owner.yaml:7:19: no agent can serve the queue "sales"' + FOR_EVER
        + " (give an agent what the rule asks for, or change the rule; agents with `escalation only` do not count)",
    ),
    "step that nobody can serve": (
        SALES, "sales:\n    serves: 1 == 1\n    escalation: [{after: 1 min, serves: levels.orders > 5}]",
        "owner.yaml:9:41: no agent can serve this step (give an agent what the rule asks for, or change the rule)",
    ),
    "steps out of order": (
        SALES, "sales:\n    serves: 1 == 1\n    escalation:\n      - {after: 2 min, raise by: 1}\n"
        "      - {after: 90 s, to: voicemail}",
        "owner.yaml:11:17: this step is not later than the one before (waiting is counted from the start; write more "
        "than 120 s, or change the order)",
    ),
    "step that does nothing": (
        SALES, "sales:\n    serves: 1 == 1\n    escalation:\n      - after: 2 min",
        "owner.yaml:10:9: this step does nothing (add `to`, `raise by`, `serves` or `say`)",
    ),
    "ageing and newest first": (
        "'orders'}", "'orders', order: newest first, ageing: 30 s}",
        "owner.yaml:7:69: a queue served newest first cannot have `ageing` (ageing puts whoever has waited longer "
        "first; remove `ageing`, or write `order: oldest first`)",
    ),
    "ageing beyond what can be told apart": (
        "'orders'}", "'orders', ageing: 2 h}",
        "owner.yaml:7:48: \"2 h\" is too large (at most 4000)",
    ),
    "ring all, but only two": (
        "'orders'}", "'orders', strategy: ring all, ring at once: 2}",
        "owner.yaml:7:74: `ring all` rings every free agent at once (remove it, or choose another strategy and ring "
        "so many of them)",
    ),
    "strategy that does not exist": (
        "'orders'}", "'orders', strategy: longest idel}",
        'owner.yaml:7:50: "longest idel" cannot be used here (did you mean "longest idle"?)',
    ),
    "strategy without its skill": (
        "'orders'}", "'orders', strategy: skill level}",
        "owner.yaml:7:50: this strategy does not know which skill counts (add `skill:` and the skill whose level "
        "counts)",
    ),
    "skill without its strategy": (
        "'orders'}", "'orders', skill: orders}",
        "owner.yaml:7:47: no strategy of this queue looks at a skill (add `strategy: skill level`, or remove it)",
    ),
    "skill that nobody has": (
        "'orders'}", "'orders', strategy: skill level, skill: ordrs}",
        'owner.yaml:7:70: no agent has the skill "ordrs" (did you mean "orders"?)',
    ),
    "shift on a day that does not exist": (
        "skills: {orders: 3}", "skills: {orders: 3}, shifts: {workdays: 9:00-17:00}",
        'owner.yaml:5:63: "workdays" is not a day (write mon to sun, mon-fri, or sat, sun; dates go under holidays)',
    ),
    "music that does not exist": (
        "'orders'}", "'orders', music: sundea}",
        'owner.yaml:7:47: there is no music "sundea" (did you mean "sundae"?)',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "expected"), CHANGED.values(), ids=CHANGED.keys())
def test_a_mistake_in_the_shop_is_reported_where_it_stands(right: str, wrong: str, expected: str) -> None:
    assert right in SHOP
    assert mistakes(SHOP.replace(right, wrong, 1)) == [expected]


def test_every_menu_needs_a_way_out() -> None:
    menus = """\
menus:
  top: {say: Hi, keys: {1: {to: {menu: left}}, 2: {to: {menu: right}}}}
  left: {say: Hi, keys: {1: {to: {menu: circle}}}}
  circle: {say: Hi, keys: {1: {to: {menu: left}}}}
  right: {say: Hi, keys: {1: {to: hang up}, 9: {to: {menu: top}}}}
"""
    hint = "(let one of its keys lead to a queue, a person or voicemail)"
    assert mistakes(SHOP + menus) == [
        f'owner.yaml:10:3: nobody gets out of the menu "left" {hint}',
        f'owner.yaml:11:3: nobody gets out of the menu "circle" {hint}',
    ]


def test_music_must_be_a_wav_file(tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes(b"ID3 not a RIFF file")
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP.replace("'orders'}", "'orders', music: song.wav}"), encoding="utf-8")
    with pytest.raises(OwnerFileError) as caught:
        load(file)
    hint = "convert it, for example with `ffmpeg -i SONG -ar 8000 -ac 1 song.wav`"
    assert str(caught.value) == f'{file}:7:47: "song.wav" is not a WAV file ({hint})'


def test_a_mistake_of_an_overlay_is_reported_in_the_overlay() -> None:
    assert mistakes(SHOP, "offers: {ring: soon}\nqueues: {slaes: {wrap up: 1 s}}\n") == [
        'overlay.yaml:1:16: "soon" is not a length of time (write it like 30 s, 2 min or 1 h)',
        'overlay.yaml:2:10: "serves" is missing (add it: Who may serve: a rule over agents, like '
        "`skills HAS 'orders'`)",
    ]


def test_one_mistake_is_not_reported_twice() -> None:
    text = SHOP.replace(ANNA, "anna: {phone: 5, skills: {orders: 3}}") + "otherwise: {person: anna}\n"
    assert [line.partition(" ")[0] for line in mistakes(text)] == ["owner.yaml:5:17:"]
