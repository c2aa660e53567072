"""The short form of the drill, and that the judge of it is no pushover."""

import pytest

from app.simulator.webhook import WebhookRecord
from tests.drill.crowd import KINDS, STUBBORN, caller, moods
from tests.drill.judge import silences
from tests.drill.kills import kill_in_turn
from tests.drill.recovery import recover
from tests.drill.world import agent_names


def a_request(started: float, seconds: float = 0.1, status: int = 200, purpose: str = "twiml") -> WebhookRecord:
    error = "" if status == 200 else "no connection"
    return WebhookRecord(started, "CA1", purpose, "POST", "https://shop.example/voice/turn/1", status, seconds, error)


@pytest.mark.drill
@pytest.mark.timeout(150)
def test_no_caller_is_lost_when_web_worker_and_dispatcher_are_killed() -> None:
    killed = kill_in_turn(("dispatcher", "web"), callers=8, apart=2)

    assert [kill.lost for kill in killed.kills] == [[], []]
    assert killed.before == []
    assert [(kill.victim, kill.working is not None) for kill in killed.kills] == [("dispatcher", True), ("web", True)]
    assert killed.double_bridges == 0
    assert killed.calls >= 8
    assert all(kill.alive for kill in killed.kills)


@pytest.mark.drill
@pytest.mark.timeout(150)
def test_no_task_is_lost_or_handed_out_twice_when_dispatcher_web_and_redis_are_killed() -> None:
    recovered = recover(kills=3, seed=1)

    assert recovered.wrong == []
    assert {victim for blow in recovered.blows for victim in blow.victims} == {"dispatcher", "web", "redis"}
    assert recovered.passed
    assert recovered.told["submitted"] > 0
    assert recovered.told["completed"] > 0


def test_quick_answers_are_no_silence() -> None:
    assert list(silences([a_request(0), a_request(7)], None)) == []


def test_an_answer_after_more_than_five_seconds_is_a_loss() -> None:
    slow = a_request(0, seconds=5.2)

    assert list(silences([slow], None)) == [(slow, 5.2)]


def test_a_failed_request_is_forgiven_when_the_fallback_answers_in_time() -> None:
    failed, saved = a_request(0, seconds=1, status=0), a_request(1, seconds=3, purpose="fallback")

    assert list(silences([failed, saved], None)) == []


def test_a_failed_request_is_a_loss_when_the_fallback_comes_too_late() -> None:
    failed, late = a_request(0, seconds=1, status=0), a_request(1, seconds=4.5, purpose="fallback")

    assert list(silences([failed, late], None)) == [(failed, 5.5)]


def test_a_failed_request_without_any_other_is_a_loss() -> None:
    failed = a_request(0, status=0)
    reported = a_request(1, purpose="status completed")

    assert [record for record, _ in silences([failed, reported], None)] == [failed]


def test_who_hangs_up_while_a_request_is_out_has_waited_only_until_then() -> None:
    failed = a_request(10, status=0)

    assert list(silences([failed], 12)) == []
    assert [seconds for _, seconds in silences([failed], 16)] == [6]


def test_every_kind_of_caller_comes_on_every_line() -> None:
    for line in range(3):
        names = {caller(line, turn).name.rpartition(" ")[0] for turn in range(len(KINDS))}

        assert names == set(KINDS)
    assert len(STUBBORN) >= 5


def test_agents_differ_in_what_they_do_when_rung() -> None:
    first_rings = {answers[0].does for answers in moods(agent_names()).values()}

    assert len(agent_names()) >= 12
    assert first_rings >= {"accept", "decline", "ignore", "voicemail", "keys", "busy", "silent", "hang_up"}
