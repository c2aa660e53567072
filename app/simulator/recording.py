"""Recordings: what was said on a leg, kept as WAV files that the REST API serves."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from app.simulator.audio import FRAME_BYTES, RATE, Samples, to_samples, write_wav
from app.simulator.mouth import Mouth
from app.simulator.sids import new_sid, rfc2822
from app.simulator.webhook import Request

if TYPE_CHECKING:
    from app.simulator.exchange import Exchange
    from app.simulator.leg import Leg


@dataclass(slots=True)
class Recording:
    """One recording; `status` is `processing` until the carrier has filed it."""

    source: str
    samples: Samples
    call_sid: str = ""
    conference_sid: str = ""
    status: str = "processing"
    sid: str = field(default_factory=lambda: new_sid("RE"))
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def seconds(self) -> int:
        """Its length in whole seconds, as the carrier bills it."""
        return max(1, round(len(self.samples) / RATE)) if len(self.samples) else 0

    def wav(self) -> bytes:
        """The file."""
        return write_wav(self.samples)


@dataclass(frozen=True, slots=True)
class RecordingCallback:
    """Where to tell that a recording has been filed."""

    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


def mixed(voices: Iterable[tuple[Mouth, int, int]], first: int, last: int) -> Samples:
    """The sound of a conversation: each voice from a frame to a frame, within the recording's `first` to `last`."""
    total = np.zeros((last - first) * FRAME_BYTES, dtype=np.int32)
    for mouth, begin, end in voices:
        start, stop = max(begin, first), min(end, last)
        if start < stop:
            total[(start - first) * FRAME_BYTES : (stop - first) * FRAME_BYTES] += to_samples(
                mouth.between(start, stop)
            )
    return total.clip(-32768, 32767).astype(np.int16)


def recording_url(exchange: "Exchange", recording: Recording) -> str:
    """The address of a recording under the REST API; without suffix it is the WAV file."""
    account = exchange.settings.account_sid
    return f"{exchange.api_url}/2010-04-01/Accounts/{account}/Recordings/{recording.sid}"


def file_recording(
    exchange: "Exchange", leg: "Leg | None", recording: Recording, callback: RecordingCallback | None
) -> None:
    """Keep a recording of a leg or a conference: after a while it can be fetched, and the callback is told."""
    key = recording.call_sid or recording.conference_sid
    with exchange.lock:
        exchange.recordings[recording.sid] = recording
        if leg is not None:
            leg.recordings.append(recording.sid)
    exchange.log.publish("recorded", key, leg.ends.person if leg else "", f"{recording.seconds} s")

    def finish() -> None:
        exchange.pause(exchange.settings.recording_delay)
        with exchange.lock:
            recording.status = "completed"
        if callback is not None and callback.url and "completed" in callback.events:
            fields = _fields(exchange, recording)
            request = Request(callback.url, callback.method, fields, sid=key, purpose="recording status")
            exchange.notify(key, leg.web if leg else exchange.web_of(key), request)

    exchange.callbacks.add(recording.sid, finish)


def _fields(exchange: "Exchange", recording: Recording) -> dict[str, str]:
    whose = {"ConferenceSid": recording.conference_sid} if recording.conference_sid else {"CallSid": recording.call_sid}
    return {
        "AccountSid": exchange.settings.account_sid,
        **whose,
        "RecordingSid": recording.sid,
        "RecordingUrl": recording_url(exchange, recording),
        "RecordingStatus": "completed",
        "RecordingDuration": str(recording.seconds),
        "RecordingChannels": "1",
        "RecordingStartTime": rfc2822(recording.created),
        "RecordingSource": recording.source,
    }
