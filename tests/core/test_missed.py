"""Offers that nobody takes: what each reason costs, and when it ends somebody's duty."""

from dataclasses import replace

import pytest

from app.core.config import Config, Miss, MissRule, Offers, Queue
from app.core.entities import Activity, Worker
from app.core.lifecycle import ReservationEvent
from app.core.missed import TOGETHER, Terms, after_miss, leg_ended, miss_of, owner_terms, pause_after
from tests.builders import NOON, a_worker

BY_REASON = Offers(
    missed_limit=3,
    retry_after=15,
    missed={
        Miss.BUSY: MissRule(limit=0, pause=60),
        Miss.VOICEMAIL: MissRule(limit=1),
        Miss.DECLINED: MissRule(limit=2),
        Miss.UNREACHABLE: MissRule(pause=5),
    },
)
PATIENT = Queue(name="patient", title="", serves="", missed={Miss.VOICEMAIL: MissRule(limit=4, pause=7)})
CONFIG = Config(version="c1", business="Shop", offers=BY_REASON, queues={"patient": PATIENT})
TERMS = owner_terms(CONFIG, "sales")


def after(*misses: Miss, terms: Terms = TERMS, worker: Worker | None = None) -> Worker:
    """Anna after letting these offers pass, one after the other."""
    anna = worker or a_worker("anna")
    for miss in misses:
        anna = after_miss(anna, miss, terms, NOON).latest(anna)
    return anna


@pytest.mark.parametrize(
    ("misses", "counts", "off"),
    [
        ((Miss.NO_ANSWER, Miss.NO_ANSWER), {TOGETHER: 2}, False),
        ((Miss.NO_ANSWER, Miss.UNREACHABLE, Miss.NO_ANSWER), {}, True),
        ((Miss.BUSY,) * 9, {"busy": 9}, False),
        ((Miss.BUSY, Miss.NO_ANSWER, Miss.BUSY, Miss.NO_ANSWER), {"busy": 2, TOGETHER: 2}, False),
        ((Miss.VOICEMAIL,), {}, True),
        ((Miss.DECLINED, Miss.DECLINED), {}, True),
        ((Miss.NO_ANSWER, Miss.DECLINED), {"declined": 1}, False),
        ((Miss.DECLINED, Miss.NO_ANSWER, Miss.DECLINED), {}, True),
    ],
    ids=["two", "three of any kind", "busy for ever", "each by itself", "a machine", "declined twice", "was there",
         "a miss between two that were declined"],
)  # fmt: skip
def test_each_reason_is_counted_as_the_owner_says(misses: tuple[Miss, ...], counts: dict[str, int], off: bool) -> None:
    anna = after(*misses)

    assert (dict(anna.missed), anna.activity == Activity.OFF) == (counts, off)


def test_without_reasons_all_misses_count_together_and_declining_counts_nothing() -> None:
    plain = owner_terms(Config(version="c1", business="Shop", offers=Offers(missed_limit=3)))

    assert after(Miss.BUSY, Miss.VOICEMAIL, terms=plain).missed == {TOGETHER: 2}
    assert after(Miss.BUSY, Miss.VOICEMAIL, Miss.UNREACHABLE, terms=plain).activity == Activity.OFF
    assert after(*(Miss.DECLINED,) * 9, terms=plain) == a_worker("anna")
    assert after(Miss.BUSY, Miss.DECLINED, terms=plain).missed == {}


@pytest.mark.parametrize(
    ("line", "miss", "pause"),
    [
        ("sales", Miss.BUSY, 60),
        ("sales", Miss.NO_ANSWER, 15),
        ("sales", Miss.UNREACHABLE, 5),
        ("sales", Miss.VOICEMAIL, 15),
        ("patient", Miss.VOICEMAIL, 7),
        ("patient+1", Miss.VOICEMAIL, 7),
        ("patient", Miss.BUSY, 60),
        ("@anna", Miss.BUSY, 60),
        ("sales", None, 15),
    ],
)
def test_each_reason_has_its_pause_and_a_queue_goes_before_what_holds_for_all(
    line: str, miss: Miss | None, pause: int
) -> None:
    assert pause_after(miss, owner_terms(CONFIG, line)) == pause


def test_a_queue_that_names_a_pause_only_keeps_the_common_limit() -> None:
    queue = replace(PATIENT, missed={Miss.VOICEMAIL: MissRule(pause=7)})
    terms = owner_terms(replace(CONFIG, queues={"patient": queue}), "patient")

    assert terms.missed[Miss.VOICEMAIL] == MissRule(limit=1, pause=7)


def test_going_off_duty_is_told_with_what_led_to_it() -> None:
    declined = after_miss(a_worker("anna", missed={"declined": 1}), Miss.DECLINED, TERMS, NOON)

    assert [event.type.value for event in declined.events] == ["worker.changed", "intent.tell"]
    assert declined.events[0].data["missed"] == 2
    assert str(declined.events[1].data["text"]).startswith("You declined 2 calls in a row, so Shop has taken you off")


def test_nobody_pays_for_a_line_of_ours_but_declining_is_their_own_doing() -> None:
    excused = replace(TERMS, excused=True)

    assert after(*(Miss.NO_ANSWER, Miss.VOICEMAIL) * 9, terms=excused) == a_worker("anna")
    assert after(Miss.DECLINED, Miss.DECLINED, terms=excused).activity == Activity.OFF


def test_what_is_nobodys_fault_costs_nothing() -> None:
    assert miss_of(ReservationEvent.RESCIND) is None
    assert not after_miss(a_worker(), None, TERMS, NOON)


@pytest.mark.parametrize(
    ("status", "miss"),
    [
        ("busy", Miss.BUSY), ("no-answer", Miss.NO_ANSWER), ("failed", Miss.UNREACHABLE),
        ("canceled", Miss.NO_ANSWER), ("completed", Miss.NO_ANSWER),
    ],
)  # fmt: skip
def test_what_the_carrier_says_of_a_leg_is_a_reason(status: str, miss: Miss) -> None:
    assert leg_ended(status)[1] is miss
