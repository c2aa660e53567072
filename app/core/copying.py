"""Copies of frozen values with some fields changed: what `dataclasses.replace` does, in a third of the time.

A decision is mostly such copies, and entities have some forty fields, each of which a frozen dataclass sets by a call
of its own. It works for frozen dataclasses with slots whose construction checks nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import replace
else:
    from collections import deque
    from dataclasses import fields
    from functools import cache
    from itertools import repeat
    from operator import attrgetter, call

    @cache
    def _slots(kind):
        names = tuple(field.name for field in fields(kind))
        setters = {name: getattr(kind, name).__set__ for name in names}
        return attrgetter(*names), tuple(setters.values()), setters

    def replace(value, /, **changes):
        """The value with these fields changed."""
        values, setters, named = _slots(type(value))
        copy = object.__new__(type(value))
        deque(map(call, setters, repeat(copy), values(value)), maxlen=0)
        for name, new in changes.items():
            if name not in named:
                raise TypeError(f"{type(value).__name__} has no field {name!r}")
            named[name](copy, new)
        return copy


__all__ = ["replace"]
