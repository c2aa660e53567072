"""How owners write times, telephone numbers, opening hours and places to go, each as a pydantic type."""

import re
from datetime import date, time
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import available_timezones

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.core.config import Target, TargetKind
from app.owner.problems import did_you_mean

Slot = tuple[time, time]

END_OF_DAY = time.max  # what 24:00 becomes: `closes` is exclusive, and a day has no later instant
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_SECONDS = 24 * 3600

_UNITS = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
}
_AMOUNT = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([a-z]*)")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_DAY = re.compile(rf"({'|'.join(DAYS)})(?:\s*-\s*({'|'.join(DAYS)}))?")
_PLACES = ("queue", "person", "menu", "message", "number")
_TO = 'write a place to go: {queue: sales}, {person: anna}, {menu: main}, {message: "…"}, {number: "+1…"}'


def wrong(message: str, hint: str) -> PydanticCustomError:
    """An error that reaches the owner in exactly these words."""
    return PydanticCustomError("owner", "{message}", {"message": message, "hint": hint})


def shown(value: object) -> str:
    """A value as an owner would recognize it, cut short."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return "this"
    text = " ".join(str(value).split())
    return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'


def seconds(value: object) -> int:
    """`30 s`, `2 min`, `1 h 30 min` or a bare number of seconds."""
    hint = "write it like 30 s, 2 min or 1 h"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong("a length of time is expected here", hint)
    text = str(value).strip().lower()
    parts = list(_AMOUNT.finditer(text))
    if not parts or _AMOUNT.sub("", text).strip():
        raise wrong(f"{shown(value)} is not a length of time", hint)
    total = 0.0
    for part in parts:
        unit = part.group(2)
        factor = _UNITS.get(unit)
        if factor is None or (not unit and len(parts) > 1):
            raise wrong(f'"{unit}" is not a unit of time', hint)
        total += float(part.group(1)) * factor
    if total != int(total) or total > MAX_SECONDS:
        raise wrong(f"{shown(value)} is not a whole number of seconds up to 24 h", hint)
    return int(total)


def yes_or_no(value: object) -> bool:
    """`yes`/`no`, `on`/`off` or `true`/`false`."""
    answers = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
    answer = answers.get(str(value).lower())
    if answer is None:
        raise wrong(f"{shown(value)} is neither yes nor no", "write yes or no")
    return answer


def phone(value: object) -> str:
    """A telephone number in any usual writing with its country code → E.164."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise wrong("a telephone number is expected here", 'write it like "+12025550123"')
    text = str(value).strip()
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise wrong(f"{shown(value)} is not a telephone number", _with_country_code(text)) from None
    if not phonenumbers.is_valid_number(number):
        raise wrong(f"{shown(value)} is not a possible telephone number", "count its digits")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def country(number: str) -> str:
    """The two letters of a number's country."""
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    return str(region or "unknown")


def _with_country_code(text: str) -> str:
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return 'write it with + and the country code, like "+12025550123"'
    guess = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f'begin with + and the country code; in the USA that is "{guess}"'


def country_code(value: object) -> str:
    """Two letters that stand for a country."""
    text = str(value).upper()
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise wrong(f"{shown(value)} is not a country's two letters", "write them like US, CA, GB")
    return text


def time_zone(value: object) -> str:
    """An IANA time zone such as America/New_York."""
    if not isinstance(value, str) or value not in _zones():
        hint = "write it like America/New_York or Europe/Oslo"
        if isinstance(value, str) and (near := did_you_mean(value, _zones())).startswith("did"):
            hint = near
        raise wrong(f"{shown(value)} is not a time zone", hint)
    return value


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def slots(value: object) -> tuple[Slot, ...]:
    """`9:00-12:30, 13:30-18:00` or `closed`."""
    hint = 'write hours like "9:00-12:30, 13:30-18:00", or closed'
    if not isinstance(value, str) or not value.strip():
        raise wrong("opening hours are expected here", hint)
    if value.strip().lower() == "closed":
        return ()
    found = sorted(_slot(part.strip(), hint) for part in value.split(","))
    for (_, closes), (opens, _) in pairwise(found):
        if opens < closes:
            raise wrong(f"{shown(value)} overlaps itself", "let each time span begin after the one before")
    return tuple(found)


def _slot(text: str, hint: str) -> Slot:
    first, dash, last = (part.strip() for part in re.sub("[–—]", "-", text).partition("-"))
    if not dash:
        raise wrong(f"{shown(text)} is not a span of time", hint)
    opens, closes = _clock(first, hint), _clock(last, hint)
    if closes <= opens:
        midnight = f'to close after midnight, write "{first}-24:00" here and "0:00-{last}" on the next day'
        raise wrong(f"{shown(text)} closes before it opens", midnight)
    return opens, closes


def _clock(text: str, hint: str) -> time:
    match = _CLOCK.fullmatch(text)
    hour, minute = (int(match.group(1)), int(match.group(2))) if match else (99, 99)
    if (hour, minute) == (24, 0):
        return END_OF_DAY
    if hour > 23 or minute > 59:
        raise wrong(f"{shown(text)} is not a time of day", hint + "; 6 pm is 18:00")
    return time(hour, minute)


def days(text: str) -> tuple[int, ...] | None:
    """`mon`, `mon-fri` or `sat, sun` as weekdays from Monday = 0; None if it is none of these."""
    found: list[int] = []
    for part in text.lower().split(","):
        match = _DAY.fullmatch(part.strip())
        if not match:
            return None
        first = DAYS.index(match.group(1))
        last = DAYS.index(match.group(2)) if match.group(2) else first
        found += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    return tuple(found)


def day_of_year(value: str) -> date:
    """A date such as 2026-12-25."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise wrong(f"{shown(value)} is not a date", "write it like 2026-12-25") from None


def target(value: object) -> Target:
    """`voicemail`, `hang up`, or a map of one place: `{queue: sales}`."""
    if isinstance(value, str) and value.strip().lower() in ("voicemail", "hang up"):
        return Target(TargetKind(value.strip().lower().replace(" ", "_")))
    if isinstance(value, str):
        raise wrong(f"{shown(value)} is not a place to go", f"{_TO}, voicemail or hang up")
    if not isinstance(value, dict) or len(value) != 1:
        raise wrong("one place to go is expected here", f"{_TO}, voicemail or hang up")
    ((kind, where),) = value.items()
    if kind not in _PLACES:
        raise wrong(f'"{kind}" is not a kind of place', did_you_mean(kind, _PLACES))
    if kind == "number":
        return Target(TargetKind.NUMBER, phone(where))
    if not isinstance(where, str | int) or isinstance(where, bool) or not str(where).strip():
        raise wrong(f'"{kind}" says nothing', _TO)
    return Target(TargetKind(kind), str(where).strip())


def skills(value: object) -> dict[str, int]:
    """`[orders, catering]` (each at level 1) or `{orders: 3}`."""
    hint = "write [orders, catering], or with levels {orders: 3}"
    if isinstance(value, list):
        value = dict.fromkeys((item if isinstance(item, str) else "" for item in value), 1)
    if not isinstance(value, dict):
        raise wrong("skills are expected here", hint)
    for name, level in value.items():
        if not re.fullmatch(r"[^\W\d]\w*", str(name)):
            raise wrong(f"{shown(name)} is not a name for a skill", "use letters, digits and _ only")
        if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level <= 100:
            raise wrong(f'the level of "{name}" is not a number from 0 to 100', hint)
    return value


def keys(value: object) -> str:
    """One or more of the keys of a telephone."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9*#]{1,8}", text):
        raise wrong(f"{shown(value)} is not a key of a telephone", "use 0 to 9, * and #; quote * and #: '*7'")
    return text


def phrase(value: str) -> str:
    """Words as they are heard: small letters, single spaces."""
    text = " ".join(value.lower().split())
    if not text or len(text) > 80:
        raise wrong("a word or a short phrase is expected here", "write what a caller would say")
    return text


def name(value: str) -> str:
    """The name of an agent, queue, route or menu."""
    if not re.fullmatch(r"[^\W\d_][\w '-]{0,39}", value):
        raise wrong(f"{shown(value)} cannot be a name", "begin with a letter; use letters, digits, spaces, - and _")
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise wrong("some text is expected here", "write what is to be said")
    return value.strip()


def _schema(kind: str | list[str], pattern: str = "", **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": kind, **({"pattern": pattern} if pattern else {}), **more})


def _as_list(value: object) -> object:
    if isinstance(value, str):
        raise wrong("a list is expected here", f"put brackets round it: [{value[:40]}]")
    return value


TARGET_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {"enum": ["voicemail", "hang up"]},
        {
            "type": "object",
            "properties": {place: {"type": ["string", "integer"]} for place in _PLACES},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
    ]
}
_SKILLS_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 100}},
    ]
}
_YES_NO_SCHEMA: dict[str, Any] = {"enum": ["yes", "no", "on", "off", True, False]}

Text = Annotated[str, AfterValidator(_text), Field(max_length=2000)]
Phrase = Annotated[str, AfterValidator(phrase)]
Phrases = Annotated[list[Phrase], BeforeValidator(_as_list)]
Texts = Annotated[list[Text], BeforeValidator(_as_list)]
Name = Annotated[str, AfterValidator(name)]
Seconds = Annotated[int, PlainValidator(seconds), _schema(["string", "integer"], examples=["30 s", "2 min"])]
YesNo = Annotated[bool, PlainValidator(yes_or_no), WithJsonSchema(_YES_NO_SCHEMA)]
Phone = Annotated[str, PlainValidator(phone), _schema(["string", "integer"], examples=["+12025550123"])]
Country = Annotated[str, PlainValidator(country_code), _schema("string", r"^[A-Za-z]{2}$")]
Zone = Annotated[str, PlainValidator(time_zone), _schema("string", examples=["America/New_York"])]
Slots = Annotated[
    tuple[Slot, ...], PlainValidator(slots), _schema("string", examples=["9:00-12:30, 13:30-18:00", "closed"])
]
Day = Annotated[date, PlainValidator(day_of_year), _schema("string", r"^\d{4}-\d{2}-\d{2}$")]
To = Annotated[Target, PlainValidator(target), WithJsonSchema(TARGET_SCHEMA)]
Skills = Annotated[dict[str, int], PlainValidator(skills), WithJsonSchema(_SKILLS_SCHEMA)]
Keys = Annotated[str, PlainValidator(keys), _schema(["string", "integer"], r"^[0-9*#]{1,8}$")]
Share = Annotated[float, Field(ge=0, le=1)]
