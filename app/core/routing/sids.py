"""TaskRouter's SIDs, derived from workspace, kind and name so that they are the same on every machine."""

import hashlib
import re
from functools import lru_cache

WORKSPACE = "WS"
ACTIVITY = "WA"
CHANNEL = "TC"
QUEUE = "WQ"
WORKER = "WK"
WORKFLOW = "WW"
TASK = "WT"
RESERVATION = "WR"
WORKER_CHANNEL = "WC"
EVENT = "EV"
ACCOUNT = "AC"

_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


def is_sid(text: str) -> bool:
    """Whether a text has the form of a SID."""
    return _SID.fullmatch(text) is not None


def derive(prefix: str, *names: str) -> str:
    """The SID of the thing of this kind and these names (its workspace, then its own)."""
    digest = hashlib.sha256("\0".join((prefix, *names)).encode()).hexdigest()
    return prefix + digest[:32]


@lru_cache(maxsize=65_536)
def public(prefix: str, workspace: str, sid: str) -> str:
    """The SID by which the API knows what is called `sid` inside: itself if it is one, else derived from the name."""
    return sid if not sid or is_sid(sid) else derive(prefix, workspace, sid)
