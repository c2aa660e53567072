"""Our own line is suspected when offers fail together, and not when an agent does not answer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.breaker import cascade, failed, latest, reached
from app.core.config import LinkWatch
from app.core.entities import Reservation, ReservationState
from tests.builders import NOON, a_reservation

WATCH = LinkWatch(failed=3, of=4, within=60, agents=2)
STATES = st.sampled_from(ReservationState)


def an_offer(number: int, worker: str, **fields: object) -> Reservation:
    """An offer that nobody answered, made a second after the one before."""
    made = NOON + 1000 * number
    defaults: dict[str, object] = {"state": ReservationState.TIMEOUT, "created": made, "ended": made + 500}
    return a_reservation(f"WR{number}", worker=worker, **defaults | fields)


def failures(*workers: str) -> list[Reservation]:
    """Offers to these in turn, none of which anybody answered."""
    return [an_offer(number, worker) for number, worker in enumerate(workers)]


def test_failures_of_several_agents_together_are_a_cascade() -> None:
    offers = failures("anna", "ben", "anna")

    assert cascade(offers, WATCH, NOON + 4000) == tuple(offers)


def test_one_agent_who_never_answers_is_none() -> None:
    assert cascade(failures("anna", "anna", "anna", "anna"), WATCH, NOON + 5000) == ()


def test_too_few_failures_are_none() -> None:
    assert cascade(failures("anna", "ben"), WATCH, NOON + 3000) == ()


def test_failures_that_lie_too_far_apart_are_none() -> None:
    offers = [an_offer(30 * number, worker) for number, worker in enumerate(("anna", "ben", "anna"))]

    assert cascade(offers, WATCH, NOON + 90_000) == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"state": ReservationState.ACCEPTED, "accepted": NOON, "ended": 0},
        {"state": ReservationState.COMPLETED, "accepted": NOON},
        {"state": ReservationState.REJECTED},
        {"state": ReservationState.TIMEOUT, "answered": NOON},
        {"state": ReservationState.CANCELED, "answered": NOON},
    ],
    ids=["taken", "taken and done", "declined", "picked up, no key", "picked up, caller gone"],
)
def test_one_person_who_was_reached_clears_the_line(fields: dict[str, object]) -> None:
    offers = [*failures("anna", "ben", "anna"), an_offer(3, "cleo", **fields)]

    assert reached(offers[-1])
    assert not failed(offers[-1])
    assert cascade(offers, WATCH, NOON + 5000) == ()


@pytest.mark.parametrize("state", [ReservationState.CANCELED, ReservationState.RESCINDED, ReservationState.PENDING])
def test_offers_taken_back_or_still_ringing_say_nothing(state: ReservationState) -> None:
    ended = 0 if state is ReservationState.PENDING else NOON
    offers = [*failures("anna", "ben", "anna"), an_offer(3, "cleo", state=state, ended=ended)]

    assert len(cascade(offers, WATCH, NOON + 5000)) == 3


def test_whoever_was_reached_before_the_latest_offers_proves_nothing() -> None:
    before = an_offer(-1, "cleo", state=ReservationState.REJECTED)

    assert cascade([before, *failures("anna", "ben", "anna")], WATCH, NOON + 5000) == ()
    assert len(cascade([before, *failures("anna", "ben", "anna", "ben")], WATCH, NOON + 5000)) == 4


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), STATES, st.booleans()), max_size=12), st.randoms())
def test_the_order_in_which_offers_are_read_does_not_matter(
    made: list[tuple[str, ReservationState, bool]], chance: object
) -> None:
    offers = [
        an_offer(number, worker, state=state, answered=NOON if picked_up else 0)
        for number, (worker, state, picked_up) in enumerate(made)
    ]
    shuffled = list(offers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    now = NOON + 13_000

    found = cascade(shuffled, WATCH, now)

    assert found == cascade(offers, WATCH, now)
    assert len(latest(offers, WATCH, now)) <= WATCH.of
    assert not found or (len(found) >= WATCH.failed and len({offer.worker for offer in found}) >= WATCH.agents)
    assert all(map(failed, found))
