"""What a commit looks like on the wire: KEYS and ARGV of commit.lua, which documents them."""

from app.core.indexes import waiting
from app.store.codec import version_text
from app.store.keys import Keys
from app.store.plan import Plan
from app.store.server import Argument


def commit_arguments(keys: Keys, planned: Plan) -> tuple[list[str], list[Argument]]:
    """Every key that the plan touches, and what is done with it; arguments name keys by their place."""
    places: dict[str, int] = {keys.events: 1, keys.changes: 2, keys.lanes: 3}

    def place(key: str) -> int:
        return places.setdefault(key, len(places) + 1)

    arguments: list[Argument] = [
        len(planned.puts),
        len(planned.removed),
        len(planned.added),
        len(planned.lanes),
        len(planned.profiles),
        len(planned.personal),
        len(planned.events),
    ]
    for put in planned.puts:
        expected = version_text(put.expected) if put.expected else b""
        arguments += (place(keys.hashes[put.key.kind]), put.key.sid, expected, put.blob or b"")
    for entry in planned.removed:
        arguments += (place(keys.index(entry.index)), entry.member)
    for entry in planned.added:
        arguments += (place(keys.index(entry.index)), str(entry.score), entry.member)
    for lane in planned.lanes:
        arguments += (place(keys.index(waiting(lane))), lane)
    for listing in planned.profiles:
        arguments += (place(keys.profiles), listing.profile, listing.text)
    for piece in planned.personal:
        arguments += (place(keys.personal(piece.call)), piece.field, piece.text)
    arguments += planned.events
    return list(places), arguments
