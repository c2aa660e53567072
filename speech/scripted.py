"""A recognizer for tests and load drills that reads its words from the frames themselves.

A line is written as `SWB1:` and UTF-8 text, ended by a newline or by mu-law silence (0xFF, which no UTF-8
text contains); it may run over several frames. A tab and a number after the text set the confidence.
Half a second without a new line ends the utterance.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from speech import mulaw
from speech.mulaw import Pcm
from speech.recognizer import TELEPHONE_RATE, Capabilities, Final, Heard, Partial, Word, split_words

MARKER = b"SWB1:"
SILENCE_ENDS_AFTER = 0.5

_LONGEST_LINE = 4096
_SILENCE_SAMPLES = int(SILENCE_ENDS_AFTER * TELEPHONE_RATE)


class ScriptedRecognizer:
    """Knows every word, hears exactly what the frames say."""

    name = "scripted"
    description = "For tests and drills: reads its words from the frames, hears no sound at all."
    sample_rate = TELEPHONE_RATE
    capabilities = Capabilities(partials=True, word_times=True, grammars=True)

    def words_missing(self, words: Sequence[str]) -> tuple[str, ...]:
        """Nothing is missing: any word can be written into a frame."""
        return ()

    def stream(self, grammar: Sequence[str] | None = None) -> ScriptedStream:
        """Words outside a grammar are heard as unknown."""
        return ScriptedStream(frozenset(split_words(grammar)) if grammar else None)


class ScriptedStream:
    """Reads lines from mu-law bytes; PCM is turned back into mu-law first."""

    def __init__(self, allowed: frozenset[str] | None) -> None:
        self._allowed = allowed
        self._odd_byte = b""
        self._pending = b""  # bytes not yet read: the beginning of a marker or an unfinished line
        self._in_line = False
        self._samples = 0
        self._heard: list[Word] = []
        self._unknown = 0
        self._speech_at = 0
        self._spoken_until = 0

    def feed(self, pcm: bytes | Pcm) -> list[Heard]:
        """Take signed 16-bit samples whose mu-law form carries the lines."""
        if isinstance(pcm, bytes):
            raw = self._odd_byte + pcm
            self._odd_byte = raw[len(raw) & ~1 :]
            pcm = np.frombuffer(raw[: len(raw) & ~1], dtype="<i2").astype(np.int16, copy=False)
        return self.feed_mulaw(mulaw.encode(pcm))

    def feed_mulaw(self, payload: bytes) -> list[Heard]:
        """Take the bytes as the telephone sends them, in pieces of any size."""
        self._pending += bytes(payload)
        self._samples += len(payload)
        heard: list[Heard] = []
        while (line := self._next_line()) is not None:
            heard += self._utter(line)
        if self._speaking and not self._in_line and self._quiet_for() >= _SILENCE_SAMPLES:
            heard += self._end()
        return heard

    def finish(self) -> list[Final]:
        """The utterance in the air; a line cut off by the end of the stream counts as said."""
        line, in_line = self._pending, self._in_line
        self._pending, self._in_line = b"", False
        if in_line and line:
            self._utter(line)
        return self._end() if self._speaking else []

    @property
    def _speaking(self) -> bool:
        return bool(self._heard) or self._unknown > 0

    def _quiet_for(self) -> int:
        return self._samples - self._spoken_until

    def _next_line(self) -> bytes | None:
        """The next whole line among the pending bytes."""
        if not self._in_line:
            start = self._pending.find(MARKER)
            if start < 0:
                self._pending = self._pending[len(self._pending) - _marker_begun(self._pending) :]
                return None
            self._pending, self._in_line = self._pending[start + len(MARKER) :], True
        ends = [at for mark in (b"\n", b"\xff") if (at := self._pending.find(mark)) >= 0]
        if not ends and len(self._pending) < _LONGEST_LINE:
            return None
        end = min(ends, default=_LONGEST_LINE)
        line, self._pending, self._in_line = self._pending[:end], self._pending[end:], False
        return line

    def _utter(self, line: bytes) -> list[Heard]:
        text, _, confidence = line.decode("utf-8", errors="replace").partition("\t")
        end_at = self._samples - len(self._pending)
        if not self._speaking:
            self._speech_at = max(0, end_at - len(line) - len(MARKER))
        begin, words = max(self._spoken_until, end_at - len(line) - len(MARKER)), text.split()
        self._spoken_until = end_at
        bounds = np.linspace(begin, end_at, len(words) + 1) / TELEPHONE_RATE
        for word, (start, end) in zip(words, pairwise(bounds.tolist()), strict=True):
            if self._allowed is None or word.lower() in self._allowed:
                self._heard.append(Word(word, start, end, _confidence(confidence)))
            else:
                self._unknown += 1
        return [Partial(self._text())] if self._heard else []

    def _text(self) -> str:
        return " ".join(word.word for word in self._heard)

    def _end(self) -> list[Final]:
        words = tuple(self._heard)
        sure = sum(word.confidence for word in words) / (len(words) + self._unknown)
        final = Final(
            text=self._text(),
            words=words,
            confidence=sure,
            start=self._speech_at / TELEPHONE_RATE,
            end=self._spoken_until / TELEPHONE_RATE,
            endpoint_at=self._samples / TELEPHONE_RATE,
            unknown=self._unknown,
        )
        self._heard, self._unknown = [], 0
        return [final]


def frames(text: str, confidence: float | None = None, size: int = 160) -> list[bytes]:
    """The frames that make a scripted recognizer hear the text."""
    line = MARKER + text.encode() + (b"" if confidence is None else f"\t{confidence}".encode()) + b"\n"
    padded = line + bytes([mulaw.SILENCE]) * (-len(line) % size)
    return [padded[at : at + size] for at in range(0, len(padded), size)]


def _confidence(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 1.0
    return min(1.0, max(0.0, value))


def _marker_begun(pending: bytes) -> int:
    """How many of the last bytes may be the beginning of a marker."""
    return next((size for size in range(len(MARKER) - 1, 0, -1) if pending.endswith(MARKER[:size])), 0)
