"""The TwiML vocabulary: which attributes and children each element has, their defaults and legal values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

Context = Literal["call", "enqueue wait", "number url", "queue url", "conference wait"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What an element may carry; `defaults` are filled in where the document is silent."""

    attributes: frozenset[str]
    children: frozenset[str] = frozenset()
    defaults: Mapping[str, str] = field(default_factory=dict)


def _shape(attributes: str = "", children: str = "", **defaults: str) -> Shape:
    return Shape(frozenset(attributes.split()) | frozenset(defaults), frozenset(children.split()), defaults)


_CALL_VERBS = "Say Play Pause Gather Record Dial Enqueue Redirect Reject Hangup Connect Start Stop"
_DETECTION = (
    "machineDetection amdStatusCallback amdStatusCallbackMethod machineDetectionTimeout machineDetectionSpeechThreshold"
    " machineDetectionSpeechEndThreshold machineDetectionSilenceTimeout"
)
_PROGRESS = "url statusCallback"
_POST = {"method": "POST"}
_PROGRESS_DEFAULTS = {"statusCallbackEvent": "completed", "statusCallbackMethod": "POST", **_POST}
_RECORDED = {"recordingStatusCallbackMethod": "POST", "recordingStatusCallbackEvent": "completed"}

SHAPES: Final[Mapping[str, Shape]] = {
    "Response": _shape(children=_CALL_VERBS + " Leave Message"),
    "Say": _shape(voice="man", language="en-US", loop="1"),
    "Play": _shape("digits", loop="1"),
    "Pause": _shape(length="1"),
    "Gather": _shape(
        "action speechTimeout numDigits hints speechModel profanityFilter partialResultCallback maxSpeechTime"
        " partialResultCallbackMethod enhanced bargeIn debug",
        "Say Play Pause",
        input="dtmf",
        timeout="5",
        finishOnKey="#",
        language="en-US",
        actionOnEmptyResult="false",
        **_POST,
    ),
    "Record": _shape(
        "action recordingStatusCallback transcribe transcribeCallback recordingConfigurationId",
        timeout="5",
        finishOnKey="1234567890*#",
        maxLength="3600",
        playBeep="true",
        trim="trim-silence",
        **_RECORDED,
        **_POST,
    ),
    "Dial": _shape(
        "action callerId recordingStatusCallback recordingTrack trim ringTone sequential referUrl referMethod"
        " callReason recordingConfigurationId events passports",
        "Number Client Sip Queue Conference",
        timeout="30",
        timeLimit="14400",
        hangupOnStar="false",
        answerOnBridge="false",
        record="do-not-record",
        **_RECORDED,
        **_POST,
    ),
    "Number": _shape(f"{_PROGRESS} sendDigits byoc {_DETECTION}", **_PROGRESS_DEFAULTS),
    "Client": _shape(_PROGRESS, "Identity Parameter", **_PROGRESS_DEFAULTS),
    "Sip": _shape(f"{_PROGRESS} username password {_DETECTION}", **_PROGRESS_DEFAULTS),
    "Queue": _shape("url reservationSid postWorkActivitySid", **_POST),
    "Conference": _shape(
        "participantLabel waitUrl region trim coach statusCallback statusCallbackEvent recordingStatusCallback"
        " recordingConfigurationId eventCallbackUrl",
        muted="false",
        beep="true",
        startConferenceOnEnter="true",
        endConferenceOnExit="false",
        waitMethod="POST",
        maxParticipants="250",
        record="do-not-record",
        jitterBufferSize="large",
        statusCallbackMethod="POST",
        **_RECORDED,
    ),
    "Enqueue": _shape("action waitUrl workflowSid maxQueueSize", "Task", waitUrlMethod="POST", **_POST),
    "Task": _shape("priority timeout"),
    "Leave": _shape(),
    "Redirect": _shape(**_POST),
    "Reject": _shape(reason="rejected"),
    "Hangup": _shape(),
    "Connect": _shape("action", "Stream", **_POST),
    "Start": _shape("action method", "Stream"),
    "Stop": _shape("", "Stream"),
    "Stream": _shape(
        "url name statusCallback connectorName audioFormat sampleRate",
        "Parameter",
        track="inbound_track",
        statusCallbackMethod="POST",
    ),
    "Parameter": _shape("name value"),
    "Identity": _shape(),
    "Message": _shape("to from action statusCallback method", "Body Media"),
    "Body": _shape(),
    "Media": _shape(),
}

CONTEXTS: Final[Mapping[Context, frozenset[str]]] = {
    "call": frozenset((_CALL_VERBS + " Message").split()),
    "enqueue wait": frozenset({"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"}),
    "number url": frozenset({"Play", "Say", "Gather", "Hangup"}),
    "queue url": frozenset({"Play", "Say", "Pause", "Redirect"}),
    "conference wait": frozenset({"Play", "Say", "Pause", "Redirect"}),
}

_NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "loop": (0, 10**6),
    "length": (1, 10**6),
    "timeLimit": (1, 86400),
    "numDigits": (1, 10**6),
    "maxParticipants": (1, 250),
    "maxQueueSize": (1, 5000),
    "Gather.timeout": (1, 10**6),
    "Record.timeout": (0, 10**6),
    "Record.maxLength": (2, 86400),
    "Dial.timeout": (5, 600),
    "Number.machineDetectionTimeout": (3, 60),
}
_YES_NO: Final = frozenset(
    {"actionOnEmptyResult", "playBeep", "hangupOnStar", "answerOnBridge", "muted", "transcribe", "profanityFilter"}
    | {"startConferenceOnEnter", "endConferenceOnExit", "bargeIn"}
)
_CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "input": frozenset({"dtmf", "speech", "dtmf speech", "speech dtmf"}),
    "reason": frozenset({"rejected", "busy"}),
    "track": frozenset({"inbound_track", "outbound_track", "both_tracks"}),
    "beep": frozenset({"true", "false", "onEnter", "onExit"}),
}
_PATTERNS: Final[Mapping[str, str]] = {
    "speechTimeout": "auto|[1-9][0-9]*",
    "Gather.finishOnKey": "|[0-9#*]",
    "Record.finishOnKey": "[0-9#*]*",
    "sendDigits": "[0-9A-DWw#*]*",
}
_EVENTS: Final[Mapping[str, frozenset[str]]] = {
    "Conference.statusCallbackEvent": frozenset(
        {"start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"}
    ),
    "Number.statusCallbackEvent": frozenset({"initiated", "ringing", "answered", "completed"}),
}


def complaint(element: str, name: str, value: str) -> str:
    """What is wrong with an attribute, or nothing; a value with a complaint is ignored for the default."""
    if name not in SHAPES[element].attributes:
        return "unknown attribute"
    if name.lower().endswith("method"):
        return "" if value in {"GET", "POST"} else "neither GET nor POST"
    if name.lower().endswith(("callback", "url", "action")) and "_" in (urlsplit(value).hostname or ""):
        return "a host name with an underscore"
    if name in _YES_NO:
        return "" if value in {"true", "false"} else "neither true nor false"
    return _value_complaint(f"{element}.{name}", name, value)


def _value_complaint(full: str, name: str, value: str) -> str:
    limits = _NUMBERS.get(full) or _NUMBERS.get(name)
    if limits and not (value.isascii() and value.isdigit() and limits[0] <= int(value) <= limits[1]):
        return f"not a whole number from {limits[0]} to {limits[1]}"
    choices = _CHOICES.get(name)
    if choices and value not in choices:
        return f"not one of {', '.join(sorted(choices))}"
    pattern = _PATTERNS.get(full) or _PATTERNS.get(name)
    if pattern and not re.fullmatch(pattern, value):
        return f"does not match {pattern}"
    events = _EVENTS.get(full)
    if events and not set(value.split()) <= events:
        return f"unknown event; known are {', '.join(sorted(events))}"
    return ""
