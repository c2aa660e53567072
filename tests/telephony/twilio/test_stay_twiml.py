"""Where worker and caller meet in a conference, the instruction's parameters are the room's."""

from xml.etree import ElementTree as ET

import pytest

from app.core.routing.instructions import PARAMETERS, Order, read_form
from app.telephony.twilio.dialling import recording
from app.telephony.twilio.stay_twiml import meet_in_room

WHOLE = {
    "Instruction": "conference", "Muted": "true", "Beep": "onEnter", "StartConferenceOnEnter": "false",
    "EndConferenceOnExit": "false", "EndConferenceOnCustomerExit": "false", "BeepOnCustomerEntrance": "false",
    "WaitUrl": "https://firm.example/wait", "WaitMethod": "GET", "MaxParticipants": "3", "Region": "ie1",
    "ConferenceRecord": "true", "ConferenceTrim": "do-not-trim", "JitterBufferSize": "small",
    "ConferenceStatusCallback": "https://firm.example/room", "ConferenceStatusCallbackEvent": "start end",
    "ConferenceRecordingStatusCallback": "https://firm.example/recorded",
}  # fmt: skip
LEFT = "https://ivr.example.com/left"


def conference(form: dict[str, str], *, is_worker: bool) -> dict[str, str]:
    document = ET.fromstring(meet_in_room("WT1", read_form(form).values, left=LEFT, is_worker=is_worker))  # noqa: S314
    (dial,) = document
    assert dial.attrib["action"] == LEFT
    (room,) = dial
    assert (room.tag, room.text) == ("Conference", "WT1")
    return dict(room.attrib)


def test_the_worker_enters_as_the_instruction_says() -> None:
    room = conference(WHOLE, is_worker=True)
    assert room == {
        "muted": "true", "beep": "onEnter", "startConferenceOnEnter": "false", "endConferenceOnExit": "false",
        "waitUrl": "https://firm.example/wait", "waitMethod": "GET", "maxParticipants": "3", "region": "ie1",
        "record": "record-from-start", "trim": "do-not-trim", "jitterBufferSize": "small",
        "statusCallback": "https://firm.example/room", "statusCallbackEvent": "start end",
        "statusCallbackMethod": "POST", "recordingStatusCallback": "https://firm.example/recorded",
        "recordingStatusCallbackMethod": "POST", "participantLabel": "worker",
    }  # fmt: skip


def test_the_customer_enters_the_same_room_by_rules_of_their_own() -> None:
    room = conference(WHOLE, is_worker=False)
    assert (room["beep"], room["endConferenceOnExit"], room["startConferenceOnEnter"]) == ("false", "false", "true")
    assert room["participantLabel"] == "customer"
    assert room["waitUrl"] == "https://firm.example/wait"
    assert "muted" not in room


@pytest.mark.parametrize("is_worker", [True, False])
def test_nobody_is_left_alone_in_a_room_unless_it_is_asked_for(is_worker: bool) -> None:
    room = conference({"Instruction": "conference"}, is_worker=is_worker)
    assert room["endConferenceOnExit"] == "true"
    assert not {"record", "statusCallback", "statusCallbackMethod", "waitUrl"} & room.keys()


def test_every_parameter_of_a_conference_reaches_the_carrier() -> None:
    elsewhere = {
        "to", "from", "timeout", "post_work_activity_sid", "sip_auth_username", "sip_auth_password",
        "status_callback", "status_callback_method", "status_callback_event",
    }  # fmt: skip
    of_call = {"record", "recording_channels", "recording_status_callback", "recording_status_callback_method"}
    values = read_form({**WHOLE, "Record": "true", "RecordingStatusCallback": "https://firm.example/r"}).values
    assert set(recording(values)) >= {"record", "recording_channels", "recording_status_callback"}
    by_room = set(PARAMETERS[Order.CONFERENCE]) - elsewhere - of_call
    for name in by_room - {"conference_status_callback_method", "conference_recording_status_callback_method"}:
        changed = {key: value for key, value in values.items() if key != name}
        both = [
            meet_in_room("WT1", given, left=LEFT, is_worker=who) for given in (values, changed) for who in (True, False)
        ]
        assert both[:2] != both[2:], f"{name} makes no difference"
