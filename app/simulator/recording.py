"""Recordings: what was said on a leg, kept as WAV files that the REST API serves."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.simulator.audio import RATE, Samples, write_wav
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


def recording_url(exchange: "Exchange", recording: Recording) -> str:
    """The address of a recording under the REST API; without suffix it is the WAV file."""
    account = exchange.settings.account_sid
    return f"{exchange.api_url}/2010-04-01/Accounts/{account}/Recordings/{recording.sid}"


def file_recording(exchange: "Exchange", leg: "Leg", recording: Recording, callback: RecordingCallback | None) -> None:
    """Keep a recording: it can be fetched after a while, and then the callback is told."""
    with exchange.lock:
        exchange.recordings[recording.sid] = recording
        leg.recordings.append(recording.sid)
    leg.tell("recorded", f"{recording.seconds} s")

    def finish() -> None:
        exchange.pause(exchange.settings.recording_delay)
        with exchange.lock:
            recording.status = "completed"
        if callback is not None and callback.url and "completed" in callback.events:
            fields = _fields(exchange, recording)
            request = Request(callback.url, callback.method, fields, sid=leg.sid, purpose="recording status")
            exchange.notify(leg.sid, leg.web, request)

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
