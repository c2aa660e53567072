"""Pages of lists that may be very long: read from the store's own order, or as a whole where another is asked for."""

from collections.abc import Callable
from typing import TypeVar

from flask import Response

from app.core.entities import Reservation, Task, Worker
from app.usecases.taskrouter.walking import ByAge, place_of
from app.web.taskrouter.answers import Body
from app.web.taskrouter.errors import invalid
from app.web.taskrouter.paging import Place, listed, walked

T = TypeVar("T", Task, Worker, Reservation)


def walked_by_age(key: str, found: ByAge[T], order: Callable[[T], Place] | None, body: Callable[[T], Body]) -> Response:
    """A page of these, oldest first unless there is another order."""
    if order:
        return listed(key, found.all(), order, body)
    try:
        return walked(key, found, place_of, body)
    except TypeError:
        # A token of another list compares numbers with texts.
        raise invalid("PageToken", "PageToken is not of this list") from None
