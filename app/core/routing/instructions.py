"""Assignment instructions: what an assignment callback's JSON, or a form of the API, orders for a reservation."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import cast
from urllib.parse import urlsplit


class Order(StrEnum):
    """The instructions that TaskRouter knows, and we carry out."""

    ACCEPT = "accept"
    REJECT = "reject"
    DEQUEUE = "dequeue"
    CALL = "call"
    REDIRECT = "redirect"
    CONFERENCE = "conference"


SUPERVISE = "supervise"
NO_SUPERVISION = "supervise is not available here: nobody can listen in on a call yet"


class InstructionError(ValueError):
    """An instruction that cannot be carried out, whatever the state of things. `field` is the parameter at fault."""

    def __init__(self, message: str, field: str = "instruction") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Instruction:
    """An order with its parameters as texts, each under its name in JSON; those not given have their default."""

    order: Order
    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """A parameter's text; "" where there is none."""
        return self.values.get(name, "")

    def flag(self, name: str) -> bool:
        """Whether a yes-or-no parameter says yes."""
        return self.values.get(name) == "true"

    def seconds(self, name: str) -> int:
        """A parameter in seconds."""
        return int(self.values[name])

    @property
    def after(self) -> str:
        """The activity the worker goes into when the call is over ("": they stay in theirs)."""
        return self.text("post_work_activity_sid")

    @property
    def status_address(self) -> str:
        """Who is told how the worker's call gets on ("": nobody)."""
        return self.text("status_callback_url") or self.text("status_callback")

    @property
    def status_events(self) -> frozenset[str]:
        """Of which steps they are told."""
        named = self.text("status_callback_events") or self.text("status_callback_event")
        return frozenset((named or "completed").split())

    @property
    def status_method(self) -> str:
        """How they are told: as TaskRouter has it, by GET for a dequeued call."""
        return self.text("status_callback_method") or ("GET" if self.order is Order.DEQUEUE else "POST")

    def written(self) -> str:
        """The instruction as text, for `read_written`."""
        return json.dumps({"instruction": self.order.value, **self.values}, sort_keys=True)


Check = Callable[[str], str | None]
"""The parameter as it is kept, or None if it cannot be used."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one parameter may be, in words and as a check."""

    wanted: str
    check: Check
    default: str = ""
    required: bool = False


def _choice(*allowed: str) -> tuple[str, Check]:
    return f"one of {', '.join(allowed)}", lambda text: text if text in allowed else None


def _number(low: int, high: int) -> tuple[str, Check]:
    def check(text: str) -> str | None:
        return text if text.isascii() and text.isdigit() and len(text) < 6 and low <= int(text) <= high else None

    return f"a whole number from {low} to {high}", check


def _events(*allowed: str) -> tuple[str, Check]:
    def check(text: str) -> str | None:
        words = [word for word in re.split(r"[\s,]+", text) if word]
        return " ".join(words) if words and set(words) <= set(allowed) else None

    return f"some of {', '.join(allowed)}", check


def _sid(prefix: str) -> tuple[str, Check]:
    pattern = re.compile(prefix + "[0-9a-fA-F]{32}")
    return f"a SID that begins with {prefix}", lambda text: text if pattern.fullmatch(text) else None


def _is_address(text: str) -> str | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    good = parts.scheme in ("http", "https") and parts.hostname and len(text) <= LONGEST_ADDRESS
    return text if good and text.isprintable() and " " not in text else None


def _is_party(text: str) -> str | None:
    return text if len(text) <= LONGEST_PARTY and text.isprintable() and " " not in text else None


def _is_yes_or_no(text: str) -> str | None:
    lowered = text.lower()
    return lowered if lowered in ("true", "false") else None


LONGEST_ADDRESS = 2048
LONGEST_PARTY = 255
_ADDRESS = ("an address that begins with http:// or https://", cast(Check, _is_address))
_PARTY = ("a number, client:… or sip:… without spaces", cast(Check, _is_party))
_YES_NO = ("true or false", cast(Check, _is_yes_or_no))
_METHOD = _choice("POST", "GET")
_WORDS = ("at most 255 characters", cast(Check, lambda text: text if len(text) <= 255 and text.isprintable() else None))
_ACTIVITY = _sid("WA")
_RECORD = _choice(
    "do-not-record", "record-from-answer", "record-from-ringing", "record-from-answer-dual", "record-from-ringing-dual",
    "true", "false",
)  # fmt: skip
_PROGRESS = _events("initiated", "ringing", "answered", "completed")

_CALLED = {
    "to": Parameter(*_PARTY),
    "from": Parameter(*_PARTY),
    "record": Parameter(*_RECORD, "do-not-record"),
    "timeout": Parameter(*_number(1, 999), "60"),
    "status_callback_url": Parameter(*_ADDRESS),
}

PARAMETERS: Mapping[Order, Mapping[str, Parameter]] = {
    Order.ACCEPT: {},
    Order.REJECT: {"activity_sid": Parameter(*_ACTIVITY)},
    Order.DEQUEUE: {
        **_CALLED,
        "post_work_activity_sid": Parameter(*_ACTIVITY),
        "status_callback_events": Parameter(*_PROGRESS, "completed"),
    },
    Order.CALL: {
        **_CALLED,
        "from": Parameter(*_PARTY, required=True),
        "url": Parameter(*_ADDRESS, required=True),
        "accept": Parameter(*_YES_NO, "false"),
    },
    Order.REDIRECT: {
        "call_sid": Parameter(*_sid("CA"), required=True),
        "url": Parameter(*_ADDRESS, required=True),
        "accept": Parameter(*_YES_NO, "false"),
    },
    Order.CONFERENCE: {
        "to": Parameter(*_PARTY),
        "from": Parameter(*_PARTY),
        "timeout": Parameter(*_number(1, 999), "60"),
        "post_work_activity_sid": Parameter(*_ACTIVITY),
        "status_callback": Parameter(*_ADDRESS),
        "status_callback_method": Parameter(*_METHOD, "POST"),
        "status_callback_event": Parameter(*_PROGRESS, "completed"),
        "record": Parameter(*_YES_NO, "false"),
        "recording_channels": Parameter(*_choice("mono", "dual"), "mono"),
        "recording_status_callback": Parameter(*_ADDRESS),
        "recording_status_callback_method": Parameter(*_METHOD, "POST"),
        "sip_auth_username": Parameter(*_WORDS),
        "sip_auth_password": Parameter(*_WORDS),
        "muted": Parameter(*_YES_NO, "false"),
        "beep": Parameter(*_choice("true", "false", "onEnter", "onExit"), "true"),
        "start_conference_on_enter": Parameter(*_YES_NO, "true"),
        "end_conference_on_exit": Parameter(*_YES_NO, "true"),
        "end_conference_on_customer_exit": Parameter(*_YES_NO, "true"),
        "beep_on_customer_entrance": Parameter(*_YES_NO, "true"),
        "wait_url": Parameter(*_ADDRESS),
        "wait_method": Parameter(*_METHOD, "POST"),
        "max_participants": Parameter(*_number(2, 250), "250"),
        "conference_status_callback": Parameter(*_ADDRESS),
        "conference_status_callback_method": Parameter(*_METHOD, "POST"),
        "conference_status_callback_event": Parameter(
            *_events("start", "end", "join", "leave", "mute", "hold", "speaker")
        ),
        "conference_record": Parameter(*_choice("true", "false", "record-from-start", "do-not-record"), "false"),
        "conference_trim": Parameter(*_choice("trim-silence", "do-not-trim"), "trim-silence"),
        "conference_recording_status_callback": Parameter(*_ADDRESS),
        "conference_recording_status_callback_method": Parameter(*_METHOD, "POST"),
        "region": Parameter(*_WORDS),
        "jitter_buffer_size": Parameter(*_choice("small", "medium", "large", "off"), "large"),
    },
}
IGNORED: Mapping[Order, frozenset[str]] = {
    Order.CONFERENCE: frozenset({"early_media", "transcribe", "transcription_configuration"}),
}
"""Documented parameters that are read by nobody here, since there is nothing they could mean."""

_PREFIX = {Order.DEQUEUE: "Dequeue", Order.CALL: "Call", Order.REDIRECT: "Redirect"}
_ELSEWHERE = {"WorkerActivitySid": "activity_sid", "DequeueStatusCallbackEvent": "status_callback_events"}


def read_callback(text: str) -> Instruction | None:
    """The instruction in an assignment callback's answer; None if it holds none (the reservation is left pending)."""
    if not text.strip():
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise InstructionError("the answer is no JSON") from None
    if not isinstance(found, dict):
        raise InstructionError("the answer is no JSON object")
    if found.get("instruction") in (None, ""):
        return None
    return _read(str(found["instruction"]), {name: _as_text(value) for name, value in found.items()})


def read_form(form: Mapping[str, str]) -> Instruction:
    """The instruction in a form of the API, whose parameters are called `DequeueTo`, `CallUrl`, `WaitUrl` …"""
    name = form.get("Instruction", "")
    prefix = _PREFIX.get(Order(name), "") if name in set(Order) else ""
    values = {}
    for field, value in form.items():
        if field in _ELSEWHERE:
            values[_ELSEWHERE[field]] = value
        elif field.startswith(prefix):
            values[_snake(field.removeprefix(prefix))] = value
    return _read(name, values)


def read_written(text: str) -> Instruction:
    """The instruction that `Instruction.written` wrote."""
    values = json.loads(text)
    return Instruction(Order(values.pop("instruction")), values)


def form_name(order: Order, parameter: str) -> str:
    """How the API's form calls a parameter."""
    for name, here in _ELSEWHERE.items():
        if here == parameter:
            return name
    return _PREFIX.get(order, "") + "".join(word.capitalize() for word in parameter.split("_"))


def _read(name: str, given: Mapping[str, str]) -> Instruction:
    if name == SUPERVISE:
        raise InstructionError(NO_SUPERVISION)
    if name not in set(Order):
        raise InstructionError(f"there is no instruction {name[:40]!r}; known are {', '.join(Order)}")
    order = Order(name)
    values = {}
    for key, parameter in PARAMETERS[order].items():
        value = _value(order, key, parameter, given.get(key, "").strip())
        if value:
            values[key] = value
    return Instruction(order, values)


def _value(order: Order, key: str, parameter: Parameter, given: str) -> str:
    if not given:
        if parameter.required:
            raise InstructionError(f"{order.value} needs {key}", key)
        return parameter.default
    kept = parameter.check(given)
    if kept is None:
        raise InstructionError(f"{key} of {order.value} must be {parameter.wanted}", key)
    return kept


def _as_text(value: object) -> str:
    """A JSON value as a form would have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
