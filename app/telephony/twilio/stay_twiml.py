"""The documents for callers who wait for a worker, and for the workers who are called to them."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from app.telephony.twilio.markup import clean, serialize

SHORTEST_DIAL = "5"
CALLER_GONE = "The caller is no longer there. Goodbye."

_ROOM = {
    "wait_url": "waitUrl",
    "wait_method": "waitMethod",
    "max_participants": "maxParticipants",
    "region": "region",
    "jitter_buffer_size": "jitterBufferSize",
    "conference_trim": "trim",
    "conference_status_callback": "statusCallback",
    "conference_status_callback_event": "statusCallbackEvent",
    "conference_status_callback_method": "statusCallbackMethod",
    "conference_recording_status_callback": "recordingStatusCallback",
    "conference_recording_status_callback_method": "recordingStatusCallbackMethod",
}
"""What an instruction says of the room as such: whoever comes first brings it along."""
_OF_CALLBACKS = {
    "conference_status_callback_event": "conference_status_callback",
    "conference_status_callback_method": "conference_status_callback",
    "conference_recording_status_callback_method": "conference_recording_status_callback",
}
_OF_WORKER = {
    "muted": "muted",
    "beep": "beep",
    "start_conference_on_enter": "startConferenceOnEnter",
    "end_conference_on_exit": "endConferenceOnExit",
}


def wait_in_line(line: str, *, hold: str, left: str) -> str:
    """The caller waits in a line of their own."""
    root = ET.Element("Response")
    attributes = {"action": left, "method": "POST", "waitUrl": hold, "waitUrlMethod": "POST"}
    ET.SubElement(root, "Enqueue", attributes).text = clean(line)
    return serialize(root)


def hear(audio: str) -> str:
    """A waiting caller hears this, and then asks again."""
    root = ET.Element("Response")
    ET.SubElement(root, "Play").text = clean(audio)
    return serialize(root)


def take_off_hold() -> str:
    """A waiting caller waits no longer."""
    root = ET.Element("Response")
    ET.SubElement(root, "Leave")
    return serialize(root)


def go_to(url: str, *, pause: int = 0, words: str = "") -> str:
    """On to another page, after some words and a pause."""
    root = ET.Element("Response")
    if words:
        ET.SubElement(root, "Say").text = clean(words)
    if pause:
        ET.SubElement(root, "Pause", {"length": str(pause)})
    ET.SubElement(root, "Redirect", {"method": "POST"}).text = clean(url)
    return serialize(root)


def end(words: str = "") -> str:
    """The end of a call."""
    root = ET.Element("Response")
    if words:
        ET.SubElement(root, "Say").text = clean(words)
    ET.SubElement(root, "Hangup")
    return serialize(root)


def meet_in_line(line: str, *, left: str) -> str:
    """The worker is connected to the caller of this line; when nobody is in it, not for long."""
    root = ET.Element("Response")
    dial = ET.SubElement(root, "Dial", {"action": left, "method": "POST", "timeout": SHORTEST_DIAL})
    ET.SubElement(dial, "Queue").text = clean(line)
    return serialize(root)


def meet_in_room(room: str, options: Mapping[str, str], *, left: str, is_worker: bool) -> str:
    """Worker or caller joins a conference, as the instruction's parameters have it."""
    root = ET.Element("Response")
    dial = ET.SubElement(root, "Dial", {"action": left, "method": "POST"})
    attributes = {name: options[key] for key, name in _ROOM.items() if options.get(key) and _applies(key, options)}
    record = options.get("conference_record", "")
    if record in ("true", "record-from-start"):
        attributes["record"] = "record-from-start"
    if is_worker:
        attributes |= {name: options[key] for key, name in _OF_WORKER.items() if key in options}
    else:
        attributes |= {
            "beep": options.get("beep_on_customer_entrance", "true"),
            "startConferenceOnEnter": "true",
            "endConferenceOnExit": options.get("end_conference_on_customer_exit", "true"),
        }
    attributes["participantLabel"] = "worker" if is_worker else "customer"
    ET.SubElement(dial, "Conference", {name: clean(value) for name, value in attributes.items()}).text = clean(room)
    return serialize(root)


def _applies(key: str, options: Mapping[str, str]) -> bool:
    needed = _OF_CALLBACKS.get(key)
    return needed is None or bool(options.get(needed))
