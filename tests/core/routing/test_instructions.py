"""Assignment instructions are read from JSON and from the API's forms alike, and a wrong one says what is wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.routing.instructions import (
    IGNORED,
    LONGEST_ADDRESS,
    PARAMETERS,
    Instruction,
    InstructionError,
    Order,
    form_name,
    read_callback,
    read_form,
    read_written,
)

ACTIVITY = "WA" + "1" * 32
CALL = "CA" + "2" * 32
DOCUMENTED_CONFERENCE = {
    "To", "From", "StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent", "Timeout", "Record", "Muted", "Beep",
    "StartConferenceOnEnter", "EndConferenceOnExit", "WaitUrl", "WaitMethod", "EarlyMedia", "MaxParticipants",
    "ConferenceStatusCallback", "ConferenceStatusCallbackMethod", "ConferenceStatusCallbackEvent", "ConferenceRecord",
    "ConferenceTrim", "RecordingChannels", "RecordingStatusCallback", "RecordingStatusCallbackMethod",
    "ConferenceRecordingStatusCallback", "ConferenceRecordingStatusCallbackMethod", "Region", "SipAuthUsername",
    "SipAuthPassword", "PostWorkActivitySid", "EndConferenceOnCustomerExit", "BeepOnCustomerEntrance",
    "JitterBufferSize",
}  # fmt: skip


def test_a_callback_may_answer_in_the_documented_words() -> None:
    answer = {
        "instruction": "dequeue", "to": "client:alice", "from": "+15550100200", "post_work_activity_sid": ACTIVITY,
        "record": "record-from-answer", "timeout": 15, "status_callback_url": "https://shop.example/done",
        "status_callback_events": ["initiated", "completed"],
    }  # fmt: skip
    read = read_callback(json.dumps(answer))
    assert read is not None
    assert read.order is Order.DEQUEUE
    assert (read.text("to"), read.text("from"), read.after) == ("client:alice", "+15550100200", ACTIVITY)
    assert (read.seconds("timeout"), read.text("record")) == (15, "record-from-answer")
    assert read.text("status_callback_events") == "initiated completed"


def test_what_is_not_said_has_its_documented_default() -> None:
    read = read_callback('{"instruction": "dequeue"}')
    assert read == Instruction(
        Order.DEQUEUE, {"timeout": "60", "record": "do-not-record", "status_callback_events": "completed"}
    )


@pytest.mark.parametrize("answer", ["", "  ", "{}", '{"instruction": null}', '{"instruction": "", "to": "x"}'])
def test_an_answer_without_an_instruction_leaves_the_reservation_alone(answer: str) -> None:
    assert read_callback(answer) is None


@pytest.mark.parametrize(
    ("form", "same"),
    [
        ({"Instruction": "accept"}, {"instruction": "accept"}),
        (
            {"Instruction": "reject", "WorkerActivitySid": ACTIVITY},
            {"instruction": "reject", "activity_sid": ACTIVITY},
        ),
        (
            {"Instruction": "dequeue", "DequeueTo": "+15550100300", "DequeueStatusCallbackEvent": "ringing"},
            {"instruction": "dequeue", "to": "+15550100300", "status_callback_events": "ringing"},
        ),
        (
            {"Instruction": "call", "CallFrom": "+15550100200", "CallUrl": "https://a.example/x", "CallAccept": "True"},
            {"instruction": "call", "from": "+15550100200", "url": "https://a.example/x", "accept": True},
        ),
        (
            {"Instruction": "redirect", "RedirectCallSid": CALL, "RedirectUrl": "https://a.example/x"},
            {"instruction": "redirect", "call_sid": CALL, "url": "https://a.example/x"},
        ),
        (
            {
                "Instruction": "conference",
                "From": "+15550100200",
                "EndConferenceOnExit": "false",
                "MaxParticipants": "3",
            },
            {
                "instruction": "conference",
                "from": "+15550100200",
                "end_conference_on_exit": False,
                "max_participants": 3,
            },
        ),
    ],
    ids=lambda value: value.get("Instruction", "") if isinstance(value, dict) else "",
)
def test_the_api_says_the_same_in_a_form(form: dict[str, str], same: dict[str, object]) -> None:
    assert read_form({**form, "ReservationStatus": ""}) == read_callback(json.dumps(same))


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ("not json", "instruction"),
        ("[1]", "instruction"),
        ('"accept"', "instruction"),
        ("[" * 100_000, "instruction"),
        ('{"instruction": "dance"}', "instruction"),
        ('{"instruction": "supervise", "supervisor": "WK1"}', "instruction"),
        ('{"instruction": "reject", "activity_sid": "WA1"}', "activity_sid"),
        ('{"instruction": "dequeue", "timeout": 1000}', "timeout"),
        ('{"instruction": "dequeue", "timeout": "soon"}', "timeout"),
        ('{"instruction": "dequeue", "timeout": 2.5}', "timeout"),
        ('{"instruction": "dequeue", "to": "+1 555 0100"}', "to"),
        ('{"instruction": "dequeue", "status_callback_events": ["born"]}', "status_callback_events"),
        ('{"instruction": "dequeue", "status_callback_url": "file:///etc/passwd"}', "status_callback_url"),
        ('{"instruction": "call", "url": "https://a.example"}', "from"),
        ('{"instruction": "call", "from": "+15550100200"}', "url"),
        ('{"instruction": "call", "from": "+15550100200", "url": "http://[::1"}', "url"),
        ('{"instruction": "redirect", "url": "https://a.example"}', "call_sid"),
        ('{"instruction": "redirect", "call_sid": "CA1", "url": "https://a.example"}', "call_sid"),
        ('{"instruction": "conference", "max_participants": 1}', "max_participants"),
        ('{"instruction": "conference", "beep": "loud"}', "beep"),
    ],
)
def test_an_instruction_that_cannot_be_carried_out_names_what_is_wrong(answer: str, field: str) -> None:
    with pytest.raises(InstructionError) as caught:
        read_callback(answer)
    assert caught.value.field == field


def test_addresses_have_an_end() -> None:
    long = "https://a.example/" + "x" * LONGEST_ADDRESS
    with pytest.raises(InstructionError, match="url of redirect"):
        read_form({"Instruction": "redirect", "RedirectCallSid": CALL, "RedirectUrl": long})


def test_every_documented_parameter_of_a_conference_is_honoured_or_named_as_ignored() -> None:
    read = {form_name(Order.CONFERENCE, name) for name in PARAMETERS[Order.CONFERENCE]}
    ignored = {form_name(Order.CONFERENCE, name) for name in IGNORED[Order.CONFERENCE]}
    assert read | ignored >= DOCUMENTED_CONFERENCE
    assert not read & ignored


@given(
    st.dictionaries(
        st.sampled_from(["instruction", "to", "from", "timeout", "url", "accept", "call_sid", "beep", "record"]),
        st.one_of(st.text(max_size=20), st.integers(), st.booleans(), st.none(), st.lists(st.text(max_size=3)))
        | st.sampled_from(["accept", "dequeue", "call", "redirect", "conference", "https://a.example", CALL]),
    )
)
def test_whatever_is_answered_is_an_instruction_none_or_an_error_and_survives_being_written(
    answer: dict[str, object],
) -> None:
    try:
        read = read_callback(json.dumps(answer))
    except InstructionError:
        return
    assert read is None or read_written(read.written()) == read
