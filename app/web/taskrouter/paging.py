"""Lists in pages, as the SDK walks them; what is added or removed between two pages moves no other item.

Every item has a place: a tuple of integers and texts by which the list is sorted, ascending (negate a number to sort by
it the other way round), the last of which is unique. A page token tells the place after which (`PA`) or before which
(`PB`) a page begins, so it holds whatever happens to the list meanwhile.
"""

import base64
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request

from app.web.taskrouter.answers import Body, base
from app.web.taskrouter.errors import invalid
from app.web.taskrouter.forms import query

SIZE = 50
LARGEST = 1000
LONGEST_TOKEN = 2048
_AFTER, _BEFORE = "PA", "PB"

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Place = tuple[int | str, ...]


class Source(Protocol[T_co]):
    """Something sorted that can be read from any place: for lists too long to be read as a whole."""

    def after(self, place: Place | None, count: int) -> Sequence[T_co]:
        """The first `count` items after this place (None: from the start), in order."""

    def before(self, place: Place, count: int) -> Sequence[T_co]:
        """The last `count` items before this place, in order."""


class Sorted(Source[T]):
    """Items that are all at hand."""

    def __init__(self, items: Sequence[T], place: Callable[[T], Place]) -> None:
        self._items = sorted(items, key=place)
        self._places = [place(item) for item in self._items]

    def after(self, place: Place | None, count: int) -> Sequence[T]:
        """See `Source.after`."""
        start = bisect_right(self._places, place) if place is not None else 0
        return self._items[start : start + count]

    def before(self, place: Place, count: int) -> Sequence[T]:
        """See `Source.before`."""
        end = bisect_left(self._places, place)
        return self._items[max(end - count, 0) : end]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page the request is for."""

    size: int
    number: int
    place: Place | None
    backwards: bool


def asked() -> Asked:
    """The page that the request's parameters name."""
    form = query()
    size, number = form.integer("PageSize", 1, 10**9), form.integer("Page", 0, 10**9)
    token = form.text("PageToken", LONGEST_TOKEN) or ""
    place = _read(token) if token else None
    return Asked(min(size or SIZE, LARGEST), number or 0, place, token.startswith(_BEFORE))


def listed(key: str, items: Sequence[T], place: Callable[[T], Place], body: Callable[[T], Body]) -> Response:
    """A page of items that are all at hand, in any order."""
    return walked(key, Sorted(items, place), place, body)


def walked(key: str, source: Source[T], place: Callable[[T], Place], body: Callable[[T], Body]) -> Response:
    """A page of a list that is read from its source."""
    page = asked()
    found, more = _found(page, source)
    following = _url(page, page.number + 1, _token(_AFTER, place(found[-1]))) if more and found else None
    previous = None
    if page.number > 0 and page.place is not None:
        previous = _url(page, page.number - 1, _token(_BEFORE, place(found[0]) if found else page.place))
    meta = {
        "page": page.number,
        "page_size": page.size,
        "first_page_url": _url(page, 0),
        "previous_page_url": previous,
        "url": _url(page, page.number, request.args.get("PageToken", "")),
        "next_page_url": following,
        "key": key,
    }
    return jsonify({key: [body(item) for item in found], "meta": meta})


def _found(page: Asked, source: Source[T]) -> tuple[Sequence[T], bool]:
    """The items of a page, and whether there are more after them."""
    try:
        if page.backwards and page.place is not None:
            return source.before(page.place, page.size), True
        ahead = source.after(page.place, page.size + 1)
    except TypeError as error:
        # The token of another list has numbers where this one has texts, which do not compare.
        if page.place is None:
            raise
        raise invalid("PageToken", "PageToken is not of this list") from error
    return ahead[: page.size], len(ahead) > page.size


def _url(page: Asked, number: int, token: str = "") -> str:
    """The address of a page of the same list."""
    filters = [(name, value) for name, value in request.args.items(multi=True) if not name.startswith("Page")]
    shown = [*sorted(filters), ("PageSize", str(page.size)), ("Page", str(number))]
    if token:
        shown.append(("PageToken", token))
    return f"{base()}{request.path.removeprefix('/v1')}?{urlencode(shown)}"


def _token(side: str, place: Place) -> str:
    return side + base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read(token: str) -> Place:
    try:
        text = token[2:] + "=" * (-len(token[2:]) % 4)
        found = json.loads(base64.urlsafe_b64decode(text))
        if token[:2] not in (_AFTER, _BEFORE) or not isinstance(found, list) or not found:
            raise ValueError(token)
        if not all(type(part) in (int, str) for part in found):
            raise ValueError(token)
    except (ValueError, RecursionError):
        raise invalid("PageToken", "PageToken is not one of ours") from None
    return tuple(found)
