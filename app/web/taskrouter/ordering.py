"""The parameter `Ordering` of lists: `Priority:desc,DateCreated:asc` as the place of each item in the list."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from app.web.taskrouter.errors import invalid
from app.web.taskrouter.forms import Form
from app.web.taskrouter.paging import Place

T = TypeVar("T")
_SIGNS = {"asc": 1, "desc": -1}


def ordering(
    form: Form, known: Mapping[str, Callable[[T], int]], sid: Callable[[T], str], apart: Sequence[str] = ()
) -> Callable[[T], Place] | None:
    """Where an item stands in the order asked for; None if none was. `apart`: what cannot be ordered by together."""
    text = form.text("Ordering", 200)
    if not text:
        return None
    clauses = [clause.strip().partition(":") for clause in text.split(",")]
    names = [name for name, _, _ in clauses]
    if not all(name in known and order.lower() in _SIGNS for name, _, order in clauses):
        raise invalid("Ordering", f"Ordering is like {next(iter(known))}:asc; it knows {', '.join(known)}")
    if len(set(names)) < len(names) or (apart and set(apart) <= set(names)):
        raise invalid("Ordering", "Ordering names what does not go together")
    keys = [(known[name], _SIGNS[order.lower()]) for name, _, order in clauses]
    return lambda item: (*(sign * key(item) for key, sign in keys), sid(item))
