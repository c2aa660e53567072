"""Dial Conference: a leg's stay in a room, with what it hears while it waits or is on hold."""

from urllib.parse import urljoin

from app.simulator.executor import Executor, NoDocument
from app.simulator.facts import Callback
from app.simulator.hearing import never
from app.simulator.leg import HungUp, Interrupt, Leg
from app.simulator.rooms import Participant, Room
from app.simulator.sources import Fetch
from app.simulator.twiml import Document, Trouble, Verb
from app.simulator.verbs.record import recording_callback


class _SceneChanged(Interrupt):
    """The participant hears something else from now on."""


def stay(executor: Executor, dial: Verb, noun: Verb, document: Document) -> bool:
    """Stay in a room until it ends, the leg is removed from it or goes; returns whether anybody was there."""
    leg = executor.leg
    with leg.exchange.lock:
        leg.check()
        room = _room(leg, noun, document)
        problem = _obstacle(room, noun)
        if problem is not None:
            leg.trouble(problem, error=True)
            return False
        participant = _participant(leg, noun, document)
        talks_before = len(leg.talks)
        room.join(participant)
    reason = "participant_updated_via_api"
    try:
        _live(executor, room, participant, dial.whole("timeLimit"))
    except HungUp:
        reason = "participant_hung_up"
        raise
    finally:
        room.leave(participant, reason)
    return len(leg.talks) > talks_before


def _room(leg: Leg, noun: Verb, document: Document) -> Room:
    """The running conference of that name, or a new one; callbacks are set up by whoever comes first."""
    exchange = leg.exchange
    for room in exchange.rooms.values():
        if room.name == noun.text and room.status != "completed":
            return room
    callback = None
    if noun.get("statusCallback"):
        callback = Callback(
            urljoin(document.url, noun.get("statusCallback")),
            noun.get("statusCallbackMethod"),
            frozenset(noun.get("statusCallbackEvent").split()),
        )
    room = Room(exchange, noun.text, callback)
    room.recorded = noun.get("record") in {"record-from-start", "true"}
    room.recording_callback = recording_callback(noun, document)
    exchange.rooms[room.sid] = room
    return room


def _obstacle(room: Room, noun: Verb) -> Trouble | None:
    label = noun.get("participantLabel")
    if label and room.find(label) is not None:
        return Trouble(16025, f"the label {label} is taken in {room.name}")
    if len(room.participants) >= noun.whole("maxParticipants"):
        return Trouble(16024, f"{room.name} is full")
    return None


def _participant(leg: Leg, noun: Verb, document: Document) -> Participant:
    url = noun.get("waitUrl")
    return Participant(
        leg,
        noun.get("participantLabel"),
        muted=noun.flag("muted"),
        coaching=noun.get("coach"),
        start_on_enter=noun.flag("startConferenceOnEnter"),
        end_on_exit=noun.flag("endConferenceOnExit"),
        wait=Fetch(urljoin(document.url, url), noun.get("waitMethod")) if url else None,
    )


def _live(executor: Executor, room: Room, participant: Participant, limit: int) -> None:
    """Hear what the scene demands, scene after scene, until the participant has been removed."""
    leg = executor.leg
    while participant.present:
        scene = room.scene(participant)

        def changed(seen: object = scene) -> Interrupt | None:
            return _SceneChanged() if room.scene(participant) != seen else None

        try:
            with leg.interrupted_by(changed):
                _hear(executor, scene[1])
                if scene[0] == "announcement":
                    _announced(room, participant)
                if not leg.wait(never, float(limit)):
                    return
        except _SceneChanged:
            continue
        except NoDocument as failure:
            leg.trouble(failure.trouble, error=True)
            if scene[0] != "announcement":
                return
            _announced(room, participant)


def _hear(executor: Executor, music: Fetch | None) -> None:
    if music is not None:
        executor.run(music, "conference wait")


def _announced(room: Room, participant: Participant) -> None:
    with room.exchange.lock:
        participant.announcement = None
        room.tell("announcement-end", participant)
    participant.leg.poke()
