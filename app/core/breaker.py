"""The cascade breaker: when offers to several agents fail together, our own line is suspected, and not the agents."""

from collections.abc import Sequence

from app.core.config import LinkWatch
from app.core.entities import Reservation, ReservationState

_TAKEN = frozenset({ReservationState.ACCEPTED, ReservationState.WRAPPING, ReservationState.COMPLETED})


def reached(offer: Reservation) -> int:
    """The instant at which a person was reached by this offer, as far as is known; 0: nobody was.

    Whoever declines was reached, and so was whoever picked up and pressed nothing; a machine is nobody.
    """
    if offer.answered or offer.accepted:
        return offer.answered or offer.accepted
    known = offer.state in _TAKEN or offer.state is ReservationState.REJECTED
    return (offer.ended or offer.updated or offer.created) if known else 0


def failed(offer: Reservation) -> bool:
    """Whether an agent's phone was tried and nobody was reached."""
    return offer.state is ReservationState.TIMEOUT and not reached(offer)


def latest(offers: Sequence[Reservation], watch: LinkWatch, now: int) -> tuple[Reservation, ...]:
    """The offers that count: of those made within the time watched the last so many that are decided, oldest first."""
    since = now - watch.within * 1000
    decided = [offer for offer in offers if offer.created >= since and (offer.ended or reached(offer))]
    return tuple(sorted(decided, key=lambda offer: (offer.created, offer.sid))[-watch.of :])


def cascade(offers: Sequence[Reservation], watch: LinkWatch, now: int) -> tuple[Reservation, ...]:
    """The failures that make our own line suspect; none if it is not.

    So many of the latest offers must have failed, to so many different agents, while nobody was reached by any: one
    agent who does not answer is no cascade, however often, and neither are several while another answers.
    """
    counted = latest(offers, watch, now)
    failures = tuple(offer for offer in counted if failed(offer))
    if any(map(reached, counted)) or len(failures) < watch.failed:
        return ()
    return failures if len({offer.worker for offer in failures}) >= watch.agents else ()
