"""What the pages about a caller tell the desk: sections C and E of the carrier's edge cases, and who calls."""

import logging
import math

import pytest

from app.core.inputs import Arrival, Digits, Parted, Recorded, Silence, Utterance
from app.core.instructions import Ask, Leave, Reply, Say, Script
from app.telephony.twilio.pages import confidence, whole_number
from tests.telephony.twilio.support import CALL, PUBLIC, Carrier, FakeDesk, document


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled", "Completed"])
def test_the_end_of_a_call_is_told_once_for_each_message(
    carrier: Carrier, desk: FakeDesk, status: str
) -> None:  # rows 28, 29, 31
    assert carrier.post("/voice/status", {"CallStatus": status}).status_code == 204
    assert desk.asked == [("ended", CALL, status.lower())]


@pytest.mark.parametrize("status", ["queued", "initiated", "ringing", "in-progress", "", "melted"])
def test_a_status_that_is_no_end_ends_nothing(carrier: Carrier, desk: FakeDesk, status: str) -> None:  # row 4
    assert carrier.post("/voice/status", {"CallStatus": status}).status_code == 204
    assert desk.asked == []


@pytest.mark.parametrize("number", [None, "", "abc", "-1"])
def test_an_odd_sequence_number_does_no_harm(carrier: Carrier, desk: FakeDesk, number: str | None) -> None:  # row 7
    extra = {"CallStatus": "completed"} | ({} if number is None else {"SequenceNumber": number})
    assert carrier.post("/voice/status", extra).status_code == 204
    assert desk.asked == [("ended", CALL, "completed")]


def test_a_status_of_a_call_nobody_knows_is_acknowledged(carrier: Carrier, desk: FakeDesk) -> None:  # row 5
    assert carrier.post("/voice/status", {"CallStatus": "completed"}, call="CA404").status_code == 204
    assert desk.asked == [("ended", "CA404", "completed")]


def test_a_call_of_ours_that_reaches_our_number_is_told_as_such(carrier: Carrier, desk: FakeDesk) -> None:  # row 98
    assert arrival(carrier, desk, "+15550100101", "outbound-api").direction == "outbound-api"


WITHHELD = [
    "+266696687", "+7378742833", "+86282452253", "+8656696", "+2562533", "266696687", "anonymous", "Anonymous",
    "unknown", "Restricted", "unavailable", " BLOCKED ", "",
]  # fmt: skip


@pytest.mark.parametrize("given", WITHHELD)
def test_a_withheld_number_is_nobodys(carrier: Carrier, desk: FakeDesk, given: str) -> None:  # row 94
    assert arrival(carrier, desk, given).caller == ""


PLAIN = ["+15550100101", "client:alice", "sip:bob@x;user=phone", "+1 (555) 0100", "911", "1" * 20]


@pytest.mark.parametrize("given", PLAIN)
def test_any_other_caller_is_passed_on_as_sent(carrier: Carrier, desk: FakeDesk, given: str) -> None:  # row 95
    assert arrival(carrier, desk, given).caller == given


def arrival(carrier: Carrier, desk: FakeDesk, caller: str, direction: str = "inbound") -> Arrival:
    pairs = [("AccountSid", "AC" + "a" * 32), ("CallSid", CALL), ("From", caller), ("Direction", direction)]
    document(carrier.post_pairs("/voice/incoming", pairs))
    arrived = desk.asked[0][1]
    assert isinstance(arrived, Arrival)
    return arrived


HEARD = [
    ({"Digits": "1"}, Digits("1")),
    ({"Digits": "12345"}, Digits("12345")),
    ({"Digits": "*#"}, Digits("*#")),
    ({"Digits": "ABCD"}, Digits("ABCD")),
    ({"Digits": "１"}, Digits("?")),
    ({"Digits": "hangup"}, Digits("?")),
    ({"Digits": "TIMEOUT"}, Digits("?")),
    ({"Digits": "9" * 5000}, Digits("9" * 32)),
    ({"Digits": ""}, Silence()),
    ({}, Silence()),
    ({"SpeechResult": ""}, Silence()),
    ({"SpeechResult": "I want ice cream", "Confidence": "0.91"}, Utterance("I want ice cream", 0.91, source="carrier")),
    ({"SpeechResult": "guten tag", "Confidence": ""}, Utterance("guten tag", 1.0, source="carrier")),
    ({"SpeechResult": "yes", "Confidence": "NaN"}, Utterance("yes", 0.0, source="carrier")),
    ({"SpeechResult": "yes", "Confidence": "1.7"}, Utterance("yes", 1.0, source="carrier")),
    ({"SpeechResult": "yes", "Digits": "2"}, Digits("2")),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "heard"), HEARD)
def test_a_reply_is_told_as_keys_words_or_silence(
    carrier: Carrier, desk: FakeDesk, sent: dict[str, str], heard: object
) -> None:  # rows 57 and 58
    document(carrier.post("/voice/turn/3", sent))
    assert desk.asked == [("turn", CALL, 3, heard)]


@pytest.mark.parametrize(
    ("text", "value"), [("", 1.0), ("0.5", 0.5), ("-3", 0.0), ("inf", 1.0), ("nan", 0.0), ("high", 0.0)]
)
def test_a_confidence_is_read_safely(text: str, value: float) -> None:  # row 58
    assert math.isclose(confidence(text), value)


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("", 0), ("-1", 0), ("1e9", 0), ("9" * 50, 0), ("٣", 0)])
def test_a_count_is_read_safely(text: str, value: int) -> None:
    assert whole_number(text) == value


RECORDED = [
    ({"RecordingUrl": "https://x/RE1", "RecordingDuration": "4", "Digits": ""}, Recorded("https://x/RE1", 4)),
    ({"RecordingUrl": "https://x/RE1", "RecordingDuration": "4", "Digits": "hangup"}, Recorded("https://x/RE1", 4)),
    ({"RecordingUrl": "https://x/RE1", "RecordingDuration": "4", "Digits": "#"}, Recorded("https://x/RE1", 4)),
    ({"RecordingUrl": "https://x/RE1", "RecordingDuration": "1", "Digits": "0"}, Digits("0")),
    ({"RecordingUrl": "https://x/RE1", "RecordingDuration": "0"}, Silence()),
    ({}, Silence()),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "heard"), RECORDED)
def test_a_recorded_reply_is_told(
    carrier: Carrier, desk: FakeDesk, sent: dict[str, str], heard: object
) -> None:  # row 30
    document(carrier.post("/voice/recorded/3", sent))
    assert desk.asked == [("turn", CALL, 3, heard)]


def test_a_message_is_kept_though_the_caller_hung_up(carrier: Carrier, desk: FakeDesk) -> None:  # row 30
    sent = {"RecordingUrl": "https://x/RE1", "RecordingDuration": "9", "Digits": "hangup", "CallStatus": "completed"}
    carrier.post("/voice/voicemail", sent)
    assert desk.asked == [("message_left", CALL, "https://x/RE1", 9)]


@pytest.mark.parametrize("status", ["completed", "absent", "failed", "in-progress", ""])
def test_a_recording_counts_once_its_file_is_there(carrier: Carrier, desk: FakeDesk, status: str) -> None:
    sent = {"RecordingUrl": "https://x/RE1", "RecordingDuration": "9", "RecordingStatus": status}
    assert carrier.post("/voice/voicemail/status", sent).status_code == 204
    expected = [("message_left", CALL, "https://x/RE1", 9)] if status == "completed" else []
    assert desk.asked == expected


RESULTS = ["hangup", "leave", "redirected", "bridged", "queue-full", "error", "system-error", "brand-new"]


@pytest.mark.parametrize("result", RESULTS)
def test_leaving_hold_is_told_with_the_carriers_word(
    carrier: Carrier, desk: FakeDesk, result: str
) -> None:  # rows 31, 52 and 53
    document(carrier.post("/voice/left", {"QueueResult": result.title()}))
    assert desk.asked == [("left_hold", CALL, result)]


def test_leaving_hold_without_a_word_is_an_error(carrier: Carrier, desk: FakeDesk) -> None:  # row 53
    document(carrier.post("/voice/left"))
    assert desk.asked == [("left_hold", CALL, "error")]


ENDS = [
    ({"DialCallStatus": "answered"}, Parted("answered", True, 0)),
    ({"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "61"}, Parted("completed", True, 61)),
    ({"DialCallStatus": "completed", "DialBridged": "false"}, Parted("completed", False, 0)),
    ({"DialCallStatus": "completed", "DialCallDuration": "5"}, Parted("completed", True, 5)),
    ({"DialCallStatus": "completed", "DialCallDuration": "long"}, Parted("completed", False, 0)),
    ({"DialCallStatus": "no-answer", "DialBridged": ""}, Parted("no-answer", False, 0)),
    ({"DialCallStatus": "canceled"}, Parted("canceled", False, 0)),
    ({}, Parted("failed", False, 0)),
]


@pytest.mark.parametrize(("sent", "how"), ENDS)
def test_how_two_parties_parted_is_told(
    carrier: Carrier, desk: FakeDesk, sent: dict[str, str], how: Parted
) -> None:  # rows 34, 49 and 56
    document(carrier.post("/voice/parted", sent))
    assert desk.asked == [("parted", CALL, how)]


def test_hold_goes_on_after_a_key(carrier: Carrier, desk: FakeDesk) -> None:
    desk.scripts["hold_key"] = Script((Ask((Say("Still next."),), Reply.HOLD),))
    root = document(carrier.post("/voice/hold/key", {"Digits": "1"}), "hold")
    assert [child.tag for child in root] == ["Gather", "Redirect"]
    assert root[-1].text == f"{PUBLIC}/voice/hold"
    assert desk.asked == [("hold_key", CALL, "1")]


def test_no_key_on_hold_is_just_hold(carrier: Carrier, desk: FakeDesk) -> None:
    document(carrier.post("/voice/hold/key"), "hold")
    assert desk.asked == [("hold", CALL)]


def test_the_end_of_hold_takes_the_caller_off_it(carrier: Carrier, desk: FakeDesk) -> None:  # row 45
    desk.scripts["hold"] = Script((Leave(),))
    assert [child.tag for child in document(carrier.post("/voice/hold"), "hold")] == ["Leave"]


def test_hold_is_answered_three_hours_long(carrier: Carrier) -> None:  # row 50
    sent = {"QueuePosition": "1", "QueueTime": "10800", "AvgQueueTime": "-1", "CurrentQueueSize": "x"}
    answers = {carrier.post("/voice/hold", sent).data for _ in range(50)}
    assert len(answers) == 1


def test_a_redirect_of_ours_gets_the_present_instructions(carrier: Carrier, desk: FakeDesk) -> None:  # row 36
    document(carrier.post("/voice/turn?turn=4"))
    assert desk.asked == [("present", CALL)]


def test_the_fallback_asks_nobody_and_returns_to_the_call(carrier: Carrier, desk: FakeDesk) -> None:  # row 93
    sent = {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC}/voice/turn/3"}
    root = document(carrier.post("/voice/fallback", sent))
    assert root[-1].text == f"{PUBLIC}/voice/turn?after=fallback"
    assert desk.asked == []


def test_the_fallback_of_a_first_page_answers_the_call_again(carrier: Carrier) -> None:  # row 93
    root = document(carrier.post("/voice/fallback", {"ErrorUrl": f"{PUBLIC}/voice/incoming"}))
    assert root[-1].text == f"{PUBLIC}/voice/incoming?after=fallback"


@pytest.mark.parametrize("page", ["/voice/turn", "/voice/incoming"])
def test_the_fallback_returns_only_once(carrier: Carrier, page: str) -> None:  # row 93
    root = document(carrier.post("/voice/fallback", {"ErrorUrl": f"{PUBLIC}{page}?after=fallback"}))
    assert root[-1].tag == "Hangup"


@pytest.mark.parametrize("address", ["", "not an address", "https://[", "x" * 5000])
def test_the_fallback_takes_any_account_of_what_failed(carrier: Carrier, address: str) -> None:
    document(carrier.post("/voice/fallback", {"ErrorUrl": address, "ErrorCode": "many"}))


def test_an_agents_leg_that_failed_is_ended(carrier: Carrier) -> None:
    root = document(carrier.post("/voice/fallback", {"ErrorUrl": f"{PUBLIC}/agent/RE1/offer"}))
    assert root[-1].tag == "Hangup"


def test_a_stream_that_failed_is_logged(carrier: Carrier, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    sent = {"StreamEvent": "stream-error", "StreamError": "31920 handshake", "StreamName": "ears"}
    assert carrier.post("/voice/stream", sent).status_code == 204
    assert "31920 handshake" in caplog.text


def test_a_text_message_gets_no_answer(carrier: Carrier, desk: FakeDesk) -> None:
    for body in ("STOP", " stop ", "hello", ""):
        pairs = [("AccountSid", "AC" + "a" * 32), ("MessageSid", "SM1"), ("From", "+15550100101"), ("Body", body)]
        answer = carrier.post_pairs("/sms/incoming", pairs)
        assert answer.status_code == 200
        assert b"<Response />" in answer.data
    assert desk.asked == []
