"""Lists of resources in pages, as the API serves them."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import request

from app.simulator.rest.errors import RestError

Json = dict[str, object]


def number_argument(name: str, default: int) -> int:
    """A whole number among the query's arguments."""
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise RestError(400, 20001, f"{name} is not a number")
    return int(text)


def page(key: str, items: Sequence[Json]) -> Json:
    """One page of `items`, the one that the query asks for."""
    size = min(1000, max(1, number_argument("PageSize", 50)))
    number = number_argument("Page", 0)
    shown = items[number * size : (number + 1) * size]
    more = (number + 1) * size < len(items)
    return {
        key: list(shown),
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(0, len(shown) - 1),
        "uri": _uri(number, size),
        "first_page_uri": _uri(0, size),
        "next_page_uri": _uri(number + 1, size) if more else None,
        "previous_page_uri": _uri(number - 1, size) if number > 0 else None,
    }


def _uri(number: int, size: int) -> str:
    arguments = [(k, v) for k, v in request.args.items(multi=True) if k not in {"Page", "PageSize", "PageToken"}]
    return f"{request.path}?{urlencode([*arguments, ('PageSize', size), ('Page', number)])}"


def filtered(items: Sequence[Json], names: Mapping[str, str]) -> list[Json]:
    """Keep the items whose fields equal the query's arguments; `names` maps argument to field."""
    wanted = {field: request.args[name] for name, field in names.items() if request.args.get(name)}
    return [item for item in items if all(item.get(field) == value for field, value in wanted.items())]
