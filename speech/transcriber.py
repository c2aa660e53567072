"""Keeps a stream's clock honest: places telephone audio by its time stamps, whatever arrives."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from speech.mulaw import SILENCE
from speech.recognizer import TELEPHONE_RATE, Final, Heard, Partial, RecognitionFailed, Recognizer, Stream

log = logging.getLogger(__name__)

GAP_CAP_MS = 5000
"""No more silence than this is put in for audio that never came; it is enough to end any utterance."""

_GAP_NOTICED_MS = 60  # less is jitter of the carrier's clock
_CLOCK_RESTARTED_MS = 1000  # further back than any frame is late
_LARGEST_PIECE = TELEPHONE_RATE  # what the engine is given at once
_LARGEST_PAYLOAD = 60 * TELEPHONE_RATE
_SAMPLES_PER_MS = TELEPHONE_RATE // 1000


@dataclass(slots=True)
class Counts:
    """What happened to the audio of one stream, for metrics and the call's story."""

    accepted: int = 0
    skipped: int = 0
    gaps: int = 0
    filled_ms: int = 0
    restarts: int = 0
    failures: int = 0


class Transcriber:
    """A recognizer's stream that takes what a telephone network really delivers, and never raises.

    Times in what it returns are seconds since the first sample, by the carrier's clock where it gives one.
    """

    def __init__(self, open_stream: Callable[[], Stream]) -> None:
        self._open_stream = open_stream
        self._stream = open_stream()
        self.counts = Counts()
        self._next_ms = 0.0  # where the carrier's clock should stand at the next payload
        self._last_stamp: float | None = None
        self._suspect: float | None = None
        self._fed = 0  # samples given to the present stream
        self._offset = 0.0  # seconds by which the present stream's own times are behind

    @classmethod
    def of(cls, recognizer: Recognizer) -> Transcriber:
        """Open recognition of everything that is said."""
        return cls(recognizer.stream)

    @property
    def skipped(self) -> int:
        """Payloads that were dropped: duplicates, late ones, and what is no audio."""
        return self.counts.skipped

    def accept(self, payload: bytes, timestamp_ms: float | None = None) -> list[Heard]:
        """Take one mu-law payload of any size; without a time stamp it follows the one before."""
        audio = _sound(payload)
        if not audio:
            return self._skip()
        stamp = _plausible(timestamp_ms)
        if stamp is not None and not self._in_order(stamp):
            return self._skip()
        heard = self._bridge(stamp) if stamp is not None else []
        self.counts.accepted += 1
        self._next_ms += len(audio) / _SAMPLES_PER_MS
        return heard + self._feed(audio)

    def finish(self) -> list[Final]:
        """What was still in the air; the transcriber may go on afterwards."""
        try:
            finals = self._stream.finish()
        except RecognitionFailed as failure:
            self._start_over(failure)
            return []
        return [_later(final, self._offset) for final in finals]

    def _in_order(self, stamp: float) -> bool:
        """False for a payload that came twice or too late; two in a row far back mean a new clock."""
        if self._last_stamp is None:
            self._next_ms = stamp
        elif stamp <= self._last_stamp:
            if self._last_stamp - stamp < _CLOCK_RESTARTED_MS:
                return False
            suspect, self._suspect = self._suspect, stamp
            if suspect is None or not 0 < stamp - suspect < _CLOCK_RESTARTED_MS:
                return False
            self.counts.restarts += 1
            self._next_ms = stamp
        self._last_stamp, self._suspect = stamp, None
        return True

    def _bridge(self, stamp: float) -> list[Heard]:
        """Silence for the time in which nothing came."""
        gap = stamp - self._next_ms
        if gap < _GAP_NOTICED_MS:
            return []
        filled = int(min(gap, GAP_CAP_MS))
        self.counts.gaps += 1
        self.counts.filled_ms += filled
        heard = self._feed(bytes([SILENCE]) * (filled * _SAMPLES_PER_MS))
        self._next_ms = stamp
        self._offset += (gap - filled) / 1000
        return heard

    def _feed(self, audio: bytes) -> list[Heard]:
        heard: list[Heard] = []
        for at in range(0, len(audio), _LARGEST_PIECE):
            piece = audio[at : at + _LARGEST_PIECE]
            self._fed += len(piece)
            try:
                fresh = self._stream.feed_mulaw(piece)
            except RecognitionFailed as failure:
                self._start_over(failure)
                continue
            heard += [item if isinstance(item, Partial) else _later(item, self._offset) for item in fresh]
        return heard

    def _start_over(self, failure: RecognitionFailed) -> None:
        """The call goes on with a fresh stream; only the utterance in the air is lost."""
        log.warning("recognition failed, listening again: %s", failure)
        self.counts.failures += 1
        self._offset += self._fed / TELEPHONE_RATE
        self._fed = 0
        self._stream = self._open_stream()

    def _skip(self) -> list[Heard]:
        self.counts.skipped += 1
        return []


def _sound(payload: object) -> bytes:
    """The payload's bytes, none for what is no audio or more than anyone sends at once."""
    if not isinstance(payload, bytes | bytearray | memoryview) or len(payload) > _LARGEST_PAYLOAD:
        return b""
    return bytes(payload)


def _plausible(stamp: object) -> float | None:
    """The time stamp as a number, or None for what cannot be one."""
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        return None
    return float(stamp) if 0 <= stamp < 2**53 and math.isfinite(stamp) else None


def _later(final: Final, seconds: float) -> Final:
    if not seconds:
        return final
    return replace(
        final,
        words=tuple(replace(w, start=w.start + seconds, end=w.end + seconds) for w in final.words),
        start=final.start + seconds,
        end=final.end + seconds,
        endpoint_at=final.endpoint_at + seconds,
    )
