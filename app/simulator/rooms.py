"""Conference rooms: who is in them, who hears whom, and the callbacks that tell of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from app.simulator.facts import Callback
from app.simulator.leg import Leg
from app.simulator.recording import Recording, RecordingCallback, file_recording, mixed
from app.simulator.sids import new_sid, rfc2822
from app.simulator.sources import Fetch
from app.simulator.webhook import Request

if TYPE_CHECKING:
    from app.simulator.exchange import Exchange

EVENT_WORDS: Final[Mapping[str, str]] = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "announcement-end": "announcement",
    "announcement-fail": "announcement",
}


@dataclass(slots=True)
class Participant:
    """One leg in a room."""

    leg: Leg
    label: str = ""
    muted: bool = False
    hold: bool = False
    hold_music: Fetch | None = None
    coaching: str = ""
    start_on_enter: bool = True
    end_on_exit: bool = False
    wait: Fetch | None = None
    announcement: Fetch | None = None
    present: bool = True
    since: int = 0
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def speaks(self) -> bool:
        """Whether the others can speak with this one; a coach speaks to one only."""
        return self.present and not self.muted and not self.hold and not self.coaching

    @property
    def is_agent(self) -> bool:
        """Whether this is a leg that the server rang."""
        return self.leg.ends.direction != "inbound"


class Room:
    """A named conference; all of it is guarded by the exchange's lock."""

    def __init__(self, exchange: "Exchange", name: str, callback: Callback | None) -> None:
        self.exchange = exchange
        self.name = name
        self.sid = new_sid("CF")
        self.status = "init"
        self.callback = callback
        self.created = self.updated = datetime.now(UTC)
        self._first_frame: int | None = None
        self.reason = ""
        self.ending_sid = ""
        self.participants: dict[str, Participant] = {}
        self.recorded = False
        self.recording_callback: RecordingCallback | None = None
        self._stays: list[tuple[Leg, int, int]] = []
        self._sequence = 0

    def find(self, key: str) -> Participant | None:
        """A participant by call SID or label."""
        for participant in self.participants.values():
            if key in {participant.leg.sid, participant.label or None}:
                return participant
        return None

    # --- coming and going ----------------------------------------------------------------------------------------

    def join(self, participant: Participant) -> None:
        """Let a leg in; the conference starts with the second one, if somebody who starts it is there."""
        with self.exchange.lock:
            self.participants[participant.leg.sid] = participant
            participant.since = self.exchange.clock.now()
            self._note_doubles(participant)
            self.tell("participant-join", participant)
            if self.status == "init" and len(self.participants) > 1 and self._starter():
                self.status = "in-progress"
                self._first_frame = self.exchange.clock.now()
                self.tell("conference-start", None)
            self.refresh()

    def leave(self, participant: Participant, reason: str) -> None:
        """Let a leg out; one who ends the conference on exit takes the others along."""
        with self.exchange.lock:
            if not participant.present:
                return
            self._remove(participant, reason)
            if participant.end_on_exit:
                kicked = "kicked" if reason == "participant_updated_via_api" else "left"
                self.end(f"participant-with-end-conference-on-exit-{kicked}", participant.leg.sid)
            elif not self.participants:
                self.end("last-participant-left", participant.leg.sid)
            self.refresh()

    def end(self, reason: str, by_sid: str = "") -> None:
        """End the conference; everybody goes on with what follows their Dial."""
        with self.exchange.lock:
            if self.status == "completed":
                return
            self.status, self.reason, self.ending_sid = "completed", reason, by_sid
            via_api = reason == "conference-ended-via-api"
            for participant in list(self.participants.values()):
                self._remove(participant, "conference_ended_via_api" if via_api else "moderator_ended_conference")
            fields = {"ReasonConferenceEnded": reason, "Reason": reason}
            if by_sid:
                fields["CallSidEndingConference"] = by_sid
            self.tell("conference-end", None, fields)
            if self.recorded and self._first_frame is not None:
                self.exchange.callbacks.add(self.sid, self._keep_recording)

    def _remove(self, participant: Participant, reason: str) -> None:
        self.participants.pop(participant.leg.sid, None)
        self._stays.append((participant.leg, participant.since, self.exchange.clock.now()))
        participant.present = False
        participant.leg.meet({})
        fields = {"ReasonParticipantLeft": reason, "ParticipantCallStatus": participant.leg.status}
        self.tell("participant-leave", participant, fields)
        participant.leg.poke()

    def _keep_recording(self) -> None:
        """Mix what everybody said while the conference ran."""
        first, last = self._first_frame or 0, max(end for _, _, end in self._stays)
        sound = mixed([(leg.mouth, begin, end) for leg, begin, end in self._stays], first, last)
        recording = Recording("Conference", sound, conference_sid=self.sid)
        file_recording(self.exchange, None, recording, self.recording_callback)

    def _starter(self) -> bool:
        return any(participant.start_on_enter for participant in self.participants.values())

    # --- who hears whom ------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Work out again who can speak with whom, and wake everybody to what they hear now."""
        self.updated = datetime.now(UTC)
        everybody = list(self.participants.values())
        for one in everybody:
            others = {}
            if self.status == "in-progress" and one.speaks:
                others = {other.leg.sid: other.leg for other in everybody if other is not one and other.speaks}
            one.leg.meet(others)
            one.leg.poke()

    def scene(self, participant: Participant) -> tuple[str, Fetch | None]:
        """What a participant hears now, beside the others: waiting music, hold music, an announcement or nothing."""
        if not participant.present:
            return "gone", None
        if participant.announcement is not None:
            return "announcement", participant.announcement
        if participant.hold:
            return "hold", participant.hold_music
        if self.status == "init":
            return "wait", participant.wait
        return "talk", None

    def _note_doubles(self, participant: Participant) -> None:
        """Keep what a load drill counts as bridged twice."""
        leg = participant.leg
        agents = [other for other in self.participants.values() if other.is_agent and other.speaks]
        if participant.is_agent and participant.speaks and len(agents) > 1:
            self.exchange.note_double(leg.sid, self.name, "two agents in one conference")
        if not participant.is_agent and leg.rooms and self.name not in leg.rooms:
            self.exchange.note_double(leg.sid, self.name, "one caller in a second conference")
        leg.rooms.append(self.name)

    # --- telling -------------------------------------------------------------------------------------------------

    def tell(self, event: str, participant: Participant | None, extra: Mapping[str, str] | None = None) -> None:
        """Send a conference callback, if somebody subscribed to such events."""
        callback = self.callback
        if callback is None or EVENT_WORDS[event] not in callback.events:
            return
        fields = {
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "AccountSid": self.exchange.settings.account_sid,
            "SequenceNumber": str(self._sequence),
            "Timestamp": rfc2822(),
            "StatusCallbackEvent": event,
        }
        self._sequence += 1
        if participant is not None:
            fields |= _about(participant)
        request = Request(callback.url, callback.method, fields, extra or {}, self.sid, f"conference {event}")
        self.exchange.notify(self.sid, self.exchange.web_of(self.sid), request)


def _about(participant: Participant) -> dict[str, str]:
    def word(flag: object) -> str:
        return "true" if flag else "false"

    fields = {
        "CallSid": participant.leg.sid,
        "Muted": word(participant.muted),
        "Hold": word(participant.hold),
        "Coaching": word(participant.coaching),
        "EndConferenceOnExit": word(participant.end_on_exit),
        "StartConferenceOnEnter": word(participant.start_on_enter),
    }
    if participant.label:
        fields["ParticipantLabel"] = participant.label
    return fields
