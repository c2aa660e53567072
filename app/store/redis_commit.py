"""What a commit looks like on the wire: KEYS and ARGV of commit.lua, which documents them."""

import msgspec

from app.core.indexes import waiting
from app.store.codec import version_text
from app.store.keys import Keys
from app.store.plan import Plan

_encode = msgspec.msgpack.Encoder().encode


def commit_arguments(keys: Keys, planned: Plan) -> tuple[list[str], list[bytes]]:
    """Every key that the plan touches, and what is done with it, which names keys by their place."""
    places: dict[str, int] = {keys.events: 1, keys.changes: 2, keys.lanes: 3}

    def place(key: str) -> int:
        return places.setdefault(key, len(places) + 1)

    index, hashes = keys.index, keys.hashes
    deeds = (
        [
            (place(hashes[key.kind]), key.sid, version_text(expected).decode() if expected else "", blob is not None)
            for key, expected, blob in planned.puts
        ],
        [(place(index(entry.index)), entry.member) for entry in planned.removed],
        [(place(index(entry.index)), str(entry.score), entry.member) for entry in planned.added],
        [(place(index(waiting(lane))), lane) for lane in planned.lanes],
        [(place(keys.profiles), listing.profile, listing.text) for listing in planned.profiles],
        [(place(keys.personal(piece.call)), piece.field, piece.text) for piece in planned.personal],
    )
    blobs = (put.blob for put in planned.puts if put.blob is not None)
    return list(places), [_encode(deeds), *blobs, *planned.events]
