"""Whether our own line to the agents is suspected, as every process sees it, and what that means for new offers."""

from collections.abc import Sequence

from app.core.config import LinkWatch
from app.core.matching import Offer
from app.ports.store import Store
from app.usecases.context import Context

REMEMBERED = 86_400
"""A suspicion that nobody has confirmed or ended for a day is forgotten."""
_NOTE, _TRIED = "link:suspected", "link:tried"


def watch_of(context: Context) -> LinkWatch | None:
    """How the owner wants the line watched; None: not at all."""
    return context.configs.current().offers.suspect_link if context.of_file else None


def suspected_since(store: Store) -> int:
    """The instant since which our line is suspected; 0: it is not."""
    return int(store.noted(_NOTE) or 0)


def suspect(store: Store, since: int) -> None:
    """From now on every process suspects our line; 0: no longer."""
    store.note(_NOTE, str(since), REMEMBERED)


def is_suspected(context: Context) -> bool:
    """Whether our line is suspected; where it is not watched, this costs nothing."""
    return watch_of(context) is not None and suspected_since(context.store) > 0


def paced(context: Context, pairs: Sequence[Offer]) -> tuple[Offer, ...]:
    """The offers to be made: while our line is suspected, of those that ring a phone only one at each pace."""
    watch = watch_of(context) if pairs else None
    if watch is None or not suspected_since(context.store):
        return tuple(pairs)
    unaffected = tuple(pair for pair in pairs if not pair.task.call)
    ringing = [pair for pair in pairs if pair.task.call]
    if not ringing or not context.store.claim(_TRIED, watch.pace):
        return unaffected
    return (ringing[0], *unaffected)
