"""The jobs themselves: plain functions of plain values, named in the queue by where they are."""

import logging

from rq import get_current_job

from app.jobs.tools import tools
from app.ports.telephony import RecordingMissing

log = logging.getLogger(__name__)

DAY_MS = 86_400_000
FORGET_AT_ONCE = 1_000


def transcribe_recording(call: str, turn: int) -> None:
    """Fetches what the caller said in a turn and hands the words on; a recording that is not ready is asked for again.

    Running twice does no harm: words for a turn that is over change nothing.
    """
    given = tools()
    url = given.store.personal(call).get(f"recording:{turn}")
    if url is None:
        log.info("the recording of a call was erased before it was transcribed")
        return
    try:
        recording = given.telephony.recording(url)
    except RecordingMissing:
        if _tries_left():
            raise
        log.warning("a recording never came; its call goes on as after silence")
        given.heard(call, turn, None)
        return
    given.heard(call, turn, given.transcribe(recording))


def trim_stream() -> int:
    """Drops events that every follower has read."""
    return tools().store.trim()


def forget_old_calls() -> int:
    """Erases the personal texts of calls, and of TaskRouter's events, older than the owner keeps them.

    Returns of how many calls.
    """
    given = tools()
    if not given.retention_days:
        return 0
    before = given.clock.now() - given.retention_days * DAY_MS
    given.redact(before)
    old = given.history.expired(before, FORGET_AT_ONCE)
    for call in old:
        given.store.erase(call)
        given.history.erase(call)
    return len(old)


def _tries_left() -> bool:
    job = get_current_job()
    return job is not None and bool(job.retries_left)
