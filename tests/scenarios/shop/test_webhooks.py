"""The carrier repeats itself, comes late or out of order, and others pretend to be it: each effect happens once."""

import threading
from dataclasses import replace

import pytest

from tests.scenarios.lines import Line
from tests.scenarios.world import World

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def line(shop: World) -> Line:
    """A call; key 9 leads to a line that nobody serves."""
    return Line(shop)


def test_the_same_key_delivered_twice_joins_the_line_once(line: Line) -> None:
    assert "<Gather" in line.post("/voice/incoming").text

    first = line.post("/voice/turn/0", Digits="9")
    second = line.post("/voice/turn/0", Digits="9")

    assert "<Enqueue" in first.text
    assert second.text == first.text
    line.ends()
    assert line.count("task.created") == 1


def test_copies_of_a_key_that_arrive_together_join_the_line_once(line: Line) -> None:
    line.post("/voice/incoming")
    answers: list[str] = []
    copies = [
        threading.Thread(target=lambda: answers.append(line.post("/voice/turn/0", Digits="9").text)) for _ in range(6)
    ]
    for copy in copies:
        copy.start()
    for copy in copies:
        copy.join(10)

    assert len(answers) == 6
    assert len(set(answers)) == 1
    line.ends()
    assert line.count("task.created") == 1


def test_the_first_webhook_delivered_twice_is_one_call(line: Line) -> None:
    first = line.post("/voice/incoming")
    second = line.post("/voice/incoming")

    assert first.text == second.text
    line.ends()


def test_a_late_answer_to_an_old_prompt_only_repeats_the_present_one(line: Line) -> None:
    line.post("/voice/incoming")
    asked_again = line.post("/voice/turn/0", Digits="")

    late = line.post("/voice/turn/0", Digits="9")

    assert "How can I help?" in asked_again.text
    assert late.text == asked_again.text
    line.ends()
    assert line.count("task.created") == 0


def test_a_key_that_arrives_after_the_end_wakes_nothing(line: Line) -> None:
    line.post("/voice/incoming")
    line.ends()

    late = line.post("/voice/turn/0", Digits="9")
    again = line.post("/voice/incoming")

    assert late.status_code == again.status_code == 200
    assert "<Enqueue" not in late.text + again.text
    assert "<Gather" not in late.text + again.text
    assert line.count("task.created") == 0


@pytest.mark.parametrize("number", ["", "abc", "0", "-1"])
def test_the_end_counts_whatever_its_sequence_number_says(line: Line, number: str) -> None:
    line.post("/voice/incoming")

    line.post("/voice/status", CallStatus="completed", SequenceNumber=number)
    line.post("/voice/status", CallStatus="ringing", SequenceNumber="1")

    assert "<Hangup" in line.post("/voice/turn/0", Digits="9").text
    assert line.count("task.created") == 0


def test_the_end_of_a_call_never_seen_is_acknowledged(line: Line) -> None:
    assert line.post("/voice/status", CallStatus="completed").status_code == 204


def test_a_turn_of_a_call_never_seen_starts_with_the_greeting(line: Line) -> None:
    answer = line.post("/voice/turn/7", Digits="9")

    assert answer.status_code == 200
    assert "Welcome to the corner shop" in answer.text
    line.ends()


def test_an_unsigned_key_changes_nothing(line: Line) -> None:
    line.post("/voice/incoming")
    forged = replace(line, token="somebody-elses-token")

    assert forged.post("/voice/turn/0", Digits="9").status_code == 403
    assert forged.post("/voice/status", CallStatus="completed").status_code == 403
    assert forged.post("/voice/incoming").status_code == 403

    assert "<Enqueue" in line.post("/voice/turn/0", Digits="9").text
    line.ends()
    assert line.count("task.created") == 1


def test_another_accounts_webhook_changes_nothing(line: Line) -> None:
    assert line.post("/voice/incoming", AccountSid=f"AC{'0' * 32}").status_code == 403
    assert line.world.rehearsal.get(f"/api/v1/calls/{line.sid}") is None


@pytest.mark.parametrize("digits", ["１", "TIMEOUT", "hangup", "9" * 500, "]]></Gather><Dial>", "\x00", "é"])
def test_odd_keys_are_wrong_keys(line: Line, digits: str) -> None:
    line.post("/voice/incoming")

    answer = line.post("/voice/turn/0", Digits=digits)

    assert answer.status_code == 200
    assert "<Gather" in answer.text
    assert "<Dial" not in answer.text
    line.ends()
    assert line.count("task.created") == 0
