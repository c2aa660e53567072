"""How stored values of other releases are read."""

import logging

import msgspec
import pytest

from app.core.entities import Call, Entity, Kind, Mood, ReservationState, Task, TaskState
from app.core.events import EventType
from app.core.routing.definitions import Strategy
from app.store.codec import SCHEMA, UnreadableEntity, pack, pack_event, unpack, unpack_events, version_of, version_text
from tests.builders import NOON, a_call, a_caller, a_reservation, a_task, a_worker, an_event
from tests.store.definitions import a_channel, a_queue, a_workflow, a_workspace, an_activity

ENTITIES = {
    Kind.CALL: a_call(version=7),
    Kind.TASK: a_task(version=7),
    Kind.WORKER: a_worker(version=7),
    Kind.RESERVATION: a_reservation(version=7),
    Kind.CALLER: a_caller(version=7),
    Kind.WORKSPACE: a_workspace(version=7),
    Kind.ACTIVITY: an_activity(version=7),
    Kind.CHANNEL: a_channel(version=7),
    Kind.QUEUE: a_queue(version=7),
    Kind.WORKFLOW: a_workflow(version=7),
}


def stored(kind: Kind, **fields: object) -> bytes:
    """The entity as another release would have written it."""
    blob = pack(ENTITIES[kind], 7)
    return blob[:12] + msgspec.json.encode(msgspec.json.decode(blob[12:]) | fields)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_read_as_it_was_written(kind: Kind) -> None:
    assert unpack(kind, ENTITIES[kind].sid, pack(ENTITIES[kind], 7)) == ENTITIES[kind]


FULL = {
    Kind.CALL: a_call(version=7, vip=True, mood=Mood.URGENT, turn=3, deadline=NOON),
    Kind.TASK: a_task(
        version=7,
        state=TaskState.RESERVED,
        lifo=True,
        priority=-(2**31),
        attributes={"": None, "a": [1.5, True, "x"], "b": {"c": 0}},
        declined={"WK1": 0},
        reservations=("WR1", "WR2"),
        filter=0,
    ),
    Kind.WORKER: a_worker(
        version=7, channels={}, held={"voice": 0}, facts={"a": [1, {"b": None}]}, multi_task=False, queues=()
    ),
    Kind.RESERVATION: a_reservation(version=7, state=ReservationState.RESCINDED, keys=2, channel="default"),
    Kind.CALLER: a_caller(version=7, calls=()),
    Kind.WORKSPACE: a_workspace(version=7, events_filter=("a", "b"), lifo_first=True),
    Kind.ACTIVITY: an_activity(version=7, available=True, from_file=True),
    Kind.CHANNEL: a_channel(version=7, optimized=True),
    Kind.QUEUE: a_queue(version=7, strategy=Strategy.RING_ALL, target_workers="", max_reserved=50),
    Kind.WORKFLOW: a_workflow(version=7, reservation_timeout=1),
}


@pytest.mark.parametrize("kind", Kind)
def test_no_value_is_mistaken_for_a_default(kind: Kind) -> None:
    assert unpack(kind, FULL[kind].sid, pack(FULL[kind], 7)) == FULL[kind]


def test_only_what_differs_from_its_default_is_written() -> None:
    written = msgspec.json.decode(pack(a_task(state=TaskState.RESERVED), 7)[12:])
    assert written == {
        "config": "c1",
        "queue": "sales",
        "state": "reserved",
        "created": NOON,
        "entered": NOON,
    }


def test_what_is_read_and_written_again_is_no_longer() -> None:
    for kind, entity in FULL.items():
        blob = pack(entity, 7)
        assert pack(unpack(kind, entity.sid, blob), 7) == blob


def test_two_entities_that_were_read_share_no_default() -> None:
    one, other = (unpack(Kind.TASK, "WT1", pack(a_task(), 1)) for _ in range(2))
    assert isinstance(one, Task)
    assert isinstance(other, Task)
    assert one.attributes is not other.attributes


def test_the_version_of_a_blob_is_read_without_the_rest() -> None:
    assert version_of(pack(a_task(version=3), 41)) == 41


def test_a_blob_begins_with_its_version_and_schema_at_a_fixed_width() -> None:
    blob = pack(a_task(), 42)
    assert blob[:10] == version_text(42) == b"0000000042"
    assert blob[10:12] == b"%02d" % SCHEMA
    assert blob[12:13] == b"{"


def test_fields_of_a_newer_release_are_passed_over() -> None:
    assert unpack(Kind.TASK, "WT1", stored(Kind.TASK, carousel="video", nested={"x": [1]})) == ENTITIES[Kind.TASK]


def test_fields_that_an_older_release_did_not_write_have_their_defaults() -> None:
    blob = pack(a_call(vip=True, outcome="lost"), 1)
    fields = msgspec.json.decode(blob[12:])
    del fields["vip"], fields["outcome"]
    entity = unpack(Kind.CALL, "CA1", blob[:12] + msgspec.json.encode(fields))
    assert entity == a_call(version=1)


def test_a_mood_of_a_newer_release_is_neutral() -> None:
    call: Entity = unpack(Kind.CALL, "CA1", stored(Kind.CALL, mood="amused", vip=True))
    assert isinstance(call, Call)
    assert (call.mood, call.vip, call.destination) == (Mood.NEUTRAL, True, None)


@pytest.mark.parametrize(
    ("kind", "field"),
    [(Kind.CALL, "state"), (Kind.TASK, "state"), (Kind.RESERVATION, "state"), (Kind.QUEUE, "strategy")],
)
def test_a_state_of_a_newer_release_is_never_guessed(kind: Kind, field: str) -> None:
    with pytest.raises(UnreadableEntity, match=f"stored {kind} cannot be read.*hovering"):
        unpack(kind, "X1", stored(kind, **{field: "hovering", "mood": "amused"}))


@pytest.mark.parametrize("schema", [b"01", b"03", b"00", b"99", b'{"', b""])
def test_another_schema_is_refused_with_its_number(schema: bytes) -> None:
    with pytest.raises(UnreadableEntity, match="schema"):
        unpack(Kind.TASK, "WT1", b"0000000001" + schema + (b"{}" if schema else b""))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"config":"\xff"}', b'{"config": 1}', b"null", b'"x"'])
@pytest.mark.parametrize("kind", [Kind.TASK, Kind.CALL])
def test_what_is_no_entity_is_unreadable(kind: Kind, body: bytes) -> None:
    with pytest.raises(UnreadableEntity):
        unpack(kind, "X1", b"0000000001%02d" % SCHEMA + body)


def test_an_event_of_a_newer_release_is_left_to_it_and_said(caplog: pytest.LogCaptureFixture) -> None:
    known = an_event(EventType.CALL_ENDED, data={"why": ["x"]})
    newer = msgspec.json.encode({"type": "call.parked", "at": 1, "data": {"said": "secret"}})
    with caplog.at_level(logging.INFO):
        delivered = unpack_events([("1-0", newer), ("1-1", pack_event(known)), ("1-2", b'{"call":"\xff"}')])
    assert [(one.id, one.event) for one in delivered] == [("1-1", known)]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "1-0" in caplog.text
    assert "secret" not in caplog.text


def test_new_fields_of_an_event_are_passed_over() -> None:
    newer = msgspec.json.encode({"type": "task.created", "at": 5, "channel": "video"})
    assert unpack_events([("1-0", newer)])[0].event == an_event(EventType.TASK_CREATED, at=5)
