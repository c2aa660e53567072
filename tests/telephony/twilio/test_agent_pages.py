"""What the pages about an agent's leg tell the desk: section D of the carrier's edge cases."""

import pytest

from app.core.instructions import Ask, HangUp, Meet, Reply, Say, Script
from tests.telephony.twilio.support import LEG, PUBLIC, Carrier, FakeDesk, document


def test_an_agent_who_picks_up_is_asked_for_a_key(carrier: Carrier, desk: FakeDesk) -> None:  # row 39
    desk.scripts["offer"] = Script((Ask((Say("A caller."),), Reply.OFFER, seconds=6), HangUp()))
    root = document(carrier.post("/agent/RE1/offer", call=LEG))
    assert [child.tag for child in root] == ["Gather", "Hangup"]
    assert root[0].get("action") == f"{PUBLIC}/agent/RE1/key"
    assert desk.asked == [("offer", "RE1", LEG, False)]


MACHINES = [
    ("machine_start", True), ("machine_end_beep", True), ("machine_end_silence", True), ("machine_end_other", True),
    ("fax", True), ("human", False), ("unknown", False), ("", False),
]  # fmt: skip


@pytest.mark.parametrize(("answered_by", "machine"), MACHINES)
def test_a_machine_is_told_from_a_person(
    carrier: Carrier, desk: FakeDesk, answered_by: str, machine: bool
) -> None:  # row 39
    carrier.post("/agent/RE1/offer", {"AnsweredBy": answered_by}, call=LEG)
    assert desk.asked == [("offer", "RE1", LEG, machine)]


def test_a_machine_noticed_late_tears_nothing_down(carrier: Carrier, desk: FakeDesk) -> None:  # row 40
    sent = {"CallStatus": "in-progress", "AnsweredBy": "machine_start"}
    assert carrier.post("/agent/RE1/status", sent, call=LEG).status_code == 204
    assert desk.asked == [("offer_progress", "RE1", LEG, "in-progress")]


@pytest.mark.parametrize(
    ("sent", "digits"),
    [({"Digits": "1"}, "1"), ({"Digits": "9"}, "9"), ({"Digits": ""}, ""), ({}, ""), ({"Digits": "one"}, "?")],
)
def test_the_agents_key_is_told(carrier: Carrier, desk: FakeDesk, sent: dict[str, str], digits: str) -> None:  # row 41
    document(carrier.post("/agent/RE1/key", sent, call=LEG))
    assert desk.asked == [("offer_key", "RE1", LEG, digits)]


def test_an_agent_who_accepts_meets_the_caller(carrier: Carrier, desk: FakeDesk) -> None:
    desk.scripts["offer_key"] = Script((Meet("WT1", agent=True),))
    dial = document(carrier.post("/agent/RE1/key", {"Digits": "1"}, call=LEG))[0]
    assert dial.get("action") == f"{PUBLIC}/agent/RE1/left"
    assert dial[0].text == "WT1"


def test_an_agent_too_late_hears_so_and_is_let_go(carrier: Carrier, desk: FakeDesk) -> None:  # rows 32, 38 and 46
    desk.scripts["offer_key"] = Script((Say("The caller has gone."), HangUp()))
    root = document(carrier.post("/agent/RE1/key", {"Digits": "1"}, call=LEG))
    assert [child.tag for child in root] == ["Say", "Hangup"]


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled", "completed"])
def test_the_end_of_an_agents_leg_is_told(carrier: Carrier, desk: FakeDesk, status: str) -> None:  # rows 34 and 42
    assert carrier.post("/agent/RE1/status", {"CallStatus": status}, call=LEG).status_code == 204
    assert desk.asked == [("offer_ended", "RE1", LEG, status)]


@pytest.mark.parametrize("status", ["initiated", "ringing", "in-progress"])
def test_the_progress_of_an_agents_leg_is_told(carrier: Carrier, desk: FakeDesk, status: str) -> None:  # row 43
    assert carrier.post("/agent/RE1/status", {"CallStatus": status}, call=LEG).status_code == 204
    assert desk.asked == [("offer_progress", "RE1", LEG, status)]


@pytest.mark.parametrize("sent", [{"DialCallStatus": "completed"}, {"DialCallStatus": "failed"}, {}])
def test_an_agent_who_left_the_room_is_told(
    carrier: Carrier, desk: FakeDesk, sent: dict[str, str]
) -> None:  # rows 33 and 49
    document(carrier.post("/agent/RE1/left", sent, call=LEG))
    assert desk.asked == [("agent_left", "RE1", LEG)]


@pytest.mark.parametrize("reservation", ["RE 1", "..", "x" * 65, "RE%00"])
def test_an_offer_that_cannot_be_one_is_not_found(carrier: Carrier, desk: FakeDesk, reservation: str) -> None:
    target = f"/agent/{reservation.replace(' ', '%20')}/key"
    assert carrier.post(target, {"Digits": "1"}, call=LEG).status_code in (403, 404)
    assert desk.asked == []
