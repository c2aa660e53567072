"""Record: what the caller says, until silence, a key, the length's limit or the hang-up."""

import time
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin

from app.simulator.audio import FRAME_BYTES, FRAME_SECONDS, SILENCE, to_samples
from app.simulator.executor import Executor
from app.simulator.hearing import never
from app.simulator.leg import HungUp, Leg
from app.simulator.recording import Recording, RecordingCallback, file_recording, recording_url
from app.simulator.sources import Source
from app.simulator.twiml import Document, Verb

_BEEP_SECONDS: Final = 0.3


def record(executor: Executor, verb: Verb, document: Document) -> Source | None:
    """Record and go on at the action; an empty recording goes on with the next verb instead."""
    leg = executor.leg
    if verb.flag("playBeep"):
        leg.wait(never, _BEEP_SECONDS)
    first = leg.exchange.clock.now()
    with leg.changed:
        leg.keys.clear()
        leg.listening += 1
        leg.recording = True
        leg.changed.notify_all()
    leg.tell("recording")
    try:
        key = _until_finished(leg, verb, first)
    except HungUp:
        _keep_after_hang_up(executor, verb, document, first)
        raise
    finally:
        with leg.changed:
            leg.listening -= 1
            leg.recording = False
            leg.changed.notify_all()
    recording = _cut(leg, verb, first)
    if not len(recording.samples):
        return None
    _file(executor, verb, document, recording)
    return executor.follow(verb, document, _fields(leg, recording, key))


def _until_finished(leg: Leg, verb: Verb, first: int) -> str:
    """Wait for the end of what is said; returns the key that ended it, if one did."""
    clock = leg.exchange.clock
    ends_at = time.monotonic() + verb.whole("maxLength")
    patience = verb.whole("timeout") / FRAME_SECONDS
    while (left := ends_at - time.monotonic()) > 0:
        now = clock.now()
        silent = min(leg.mouth.silent_since(now), now - first)
        if patience and silent >= patience:
            return ""
        next_look = (patience - silent) * FRAME_SECONDS if patience else left
        if leg.wait(lambda: bool(leg.keys), min(left, max(next_look, FRAME_SECONDS))):
            key = leg.keys.popleft()
            if key in verb.get("finishOnKey"):
                return key
    return ""


def _cut(leg: Leg, verb: Verb, first: int) -> Recording:
    """The recording up to now: trimmed of silence before and after, empty where nothing was said."""
    sound = leg.mouth.between(first, leg.exchange.clock.now() + 1)
    frames = [sound[at : at + FRAME_BYTES] for at in range(0, len(sound), FRAME_BYTES)]
    spoken = [number for number, frame in enumerate(frames) if frame != SILENCE]
    if not spoken:
        frames = []
    elif verb.get("trim") == "trim-silence":
        frames = frames[spoken[0] : spoken[-1] + 1]
    return Recording("RecordVerb", to_samples(b"".join(frames)), leg.sid)


def recording_callback(element: Verb, document: Document) -> RecordingCallback | None:
    """Where an element wants to be told of its recording."""
    url = element.get("recordingStatusCallback")
    if not url:
        return None
    events = frozenset(element.get("recordingStatusCallbackEvent").split())
    return RecordingCallback(urljoin(document.url, url), element.get("recordingStatusCallbackMethod"), events)


def _file(executor: Executor, verb: Verb, document: Document, recording: Recording) -> None:
    file_recording(executor.leg.exchange, executor.leg, recording, recording_callback(verb, document))


def _fields(leg: Leg, recording: Recording, key: str) -> dict[str, str]:
    return {
        "RecordingUrl": recording_url(leg.exchange, recording),
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.seconds),
        "Digits": key,
    }


def _keep_after_hang_up(executor: Executor, verb: Verb, document: Document, first: int) -> None:
    """A caller who hangs up has left a message all the same: the action is told, its answer not heard."""
    recording = _cut(executor.leg, verb, first)
    if not len(recording.samples):
        return
    _file(executor, verb, document, recording)
    fields = _fields(executor.leg, recording, "hangup")
    executor.tell(verb if verb.get("action") else _to_itself(verb, document), document, fields)


def _to_itself(verb: Verb, document: Document) -> Verb:
    """Without an action the document itself is asked for."""
    return replace(verb, attributes={**verb.attributes, "action": document.url})
