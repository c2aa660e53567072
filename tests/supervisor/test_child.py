"""How long the supervisor waits before it restarts a process."""

from app.supervisor.child import Backoff


def test_the_first_restart_is_immediate_and_later_ones_wait_longer_up_to_a_limit() -> None:
    backoff = Backoff()
    delays = [backoff.next_delay(ran_for_s=0.1) for _ in range(10)]
    assert delays == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_a_healthy_minute_wipes_out_earlier_failures() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.next_delay(ran_for_s=1)
    assert backoff.next_delay(ran_for_s=61) == 0.0
    assert backoff.next_delay(ran_for_s=1) == 0.5


def test_a_process_that_failed_for_weeks_still_gets_its_next_chance() -> None:
    assert Backoff(failures=10**6).next_delay(ran_for_s=0) == 30.0
