"""The real recognizer: Vosk, with any model folder it publishes or the one in the box."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Semaphore
from typing import Any

import numpy as np
import vosk

from speech import mulaw
from speech.mulaw import Pcm
from speech.recognizer import (
    TELEPHONE_RATE,
    Capabilities,
    Final,
    Heard,
    ModelUnusable,
    Partial,
    RecognitionFailed,
    Word,
    split_words,
)
from speech.resample import Resampler, Samples
from speech.vosk_folder import describe, inspect

UNKNOWN = "[unk]"

_PARTIAL_EVERY = TELEPHONE_RATE // 10  # the network itself moves in steps of 0.2 s
# Streams decode side by side on all cores but one. More at once would hear no more, and when there is too much to hear
# the threads that answer the telephone would wait behind every one of them.
_AT_ONCE = max(1, (os.cpu_count() or 1) - 1)


class VoskRecognizer:
    """A Vosk model, loaded once; telephone audio in, resampled when the model wants another rate."""

    def __init__(self, folder: Path, description: str | None = None) -> None:
        """Raise ModelUnusable when the folder is not a Vosk model."""
        facts = inspect(folder)
        self._model_rate = facts.sample_rate
        self._name = folder.resolve().name
        self._capabilities = Capabilities(partials=True, word_times=True, grammars=facts.run_time_graph)
        self._description = description or describe(folder, facts)
        self._turns = Semaphore(_AT_ONCE)
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(folder))
            vosk.KaldiRecognizer(self._model, float(self._model_rate))  # reads what Model leaves for later
        except Exception as error:  # the binding raises nothing more precise
            raise ModelUnusable(f"{folder}: Vosk cannot load it; a file may be damaged") from error

    @property
    def name(self) -> str:
        """The name of the model's folder."""
        return self._name

    @property
    def description(self) -> str:
        """What the model's card says it is good for, and the size of its vocabulary."""
        return self._description

    @property
    def sample_rate(self) -> int:
        """What streams expect, whatever rate the model itself works at."""
        return TELEPHONE_RATE

    @property
    def capabilities(self) -> Capabilities:
        """Run-time grammars need a model whose graph is composed while it runs."""
        return self._capabilities

    def words_missing(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words, in order and once each, that the model's vocabulary lacks."""
        return tuple(word for word in split_words(words) if self._model.vosk_model_find_word(word) < 0)

    def stream(self, grammar: Sequence[str] | None = None) -> VoskStream:
        """Listen for anything, or only for the grammar's phrases and [unk] where the model can."""
        arguments: list[object] = [self._model, float(self._model_rate)]
        phrases = [text for phrase in grammar or () if (text := " ".join(split_words([phrase])))]
        if phrases and self._capabilities.grammars:
            arguments.append(json.dumps([*dict.fromkeys(phrases), UNKNOWN], ensure_ascii=False))
        recognizer = vosk.KaldiRecognizer(*arguments)
        recognizer.SetWords(True)
        resampler = None if self._model_rate == TELEPHONE_RATE else Resampler(TELEPHONE_RATE, self._model_rate)
        return VoskStream(recognizer, resampler, self._turns)


class VoskStream:
    """One direction of one call through Vosk; decodes while it holds one of the recognizer's `turns`."""

    def __init__(self, recognizer: Any, resampler: Resampler | None, turns: AbstractContextManager[Any]) -> None:
        self._recognizer = recognizer
        self._turns = turns
        self._resampler = resampler
        self._samples = 0
        self._odd_byte = b""
        self._partial = ""
        self._partial_due = _PARTIAL_EVERY
        self._finished = False

    def feed(self, pcm: bytes | Pcm) -> list[Heard]:
        """Take 8 kHz samples; what is new is returned at once."""
        if isinstance(pcm, bytes):
            raw = self._odd_byte + pcm
            self._odd_byte = raw[len(raw) & ~1 :]
            pcm = np.frombuffer(raw[: len(raw) & ~1], dtype="<i2").astype(np.int16, copy=False)
        if len(pcm) == 0:
            return []
        self._finished = False
        self._samples += len(pcm)
        if self._accept(pcm):
            return self._final(self._recognizer.Result())
        return self._fresh_partial()

    def feed_mulaw(self, payload: bytes) -> list[Heard]:
        """Take 8 kHz mu-law bytes as the telephone sends them."""
        return self.feed(mulaw.decode(payload))

    def finish(self) -> list[Final]:
        """Flush the decoder; the stream may be fed again afterwards, its times run on."""
        if self._finished:
            return []
        self._finished = True
        rest = self._resampler.flush() if self._resampler else np.empty(0, dtype=np.float32)
        heard: list[Final] = []
        if len(rest) and self._accept_model_rate(_to_pcm(rest)):
            heard += self._final(self._recognizer.Result())
        return heard + self._final(self._recognizer.FinalResult())

    def _accept(self, pcm: Pcm) -> bool:
        if self._resampler is None:
            return self._accept_model_rate(pcm)
        resampled = _to_pcm(self._resampler.feed(pcm.astype(np.float32)))
        return len(resampled) > 0 and self._accept_model_rate(resampled)

    def _accept_model_rate(self, pcm: Pcm) -> bool:
        """True when an utterance has ended."""
        try:
            with self._turns:
                return bool(self._recognizer.AcceptWaveform(pcm.tobytes()))
        except Exception as error:  # the binding raises nothing more precise
            raise RecognitionFailed(f"Vosk gave up after {self._samples / TELEPHONE_RATE:.1f} s") from error

    def _fresh_partial(self) -> list[Heard]:
        if self._samples < self._partial_due:
            return []
        self._partial_due = self._samples + _PARTIAL_EVERY
        words = json.loads(self._recognizer.PartialResult())["partial"].split()
        text = " ".join(word for word in words if word != UNKNOWN)
        if text in ("", self._partial):
            return []
        self._partial = text
        return [Partial(text)]

    def _final(self, result: str) -> list[Any]:
        self._partial = ""
        heard = [
            Word(item["word"], float(item["start"]), float(item["end"]), float(item["conf"]))
            for item in json.loads(result).get("result", ())
        ]
        return [utterance(heard, self._samples / TELEPHONE_RATE)] if heard else []


def utterance(heard: Sequence[Word], endpoint_at: float) -> Final:
    """A Final from every word heard, [unk] among them; at least one word is needed.

    Confidence is the words' mean weighted by how long they lasted; an unknown word counts as zero.
    """
    words = tuple(word for word in heard if word.word != UNKNOWN)
    lasted = [max(word.end - word.start, 0.01) for word in heard]
    sure = sum(word.confidence * length for word, length in zip(heard, lasted, strict=True) if word.word != UNKNOWN)
    return Final(
        text=" ".join(word.word for word in words),
        words=words,
        confidence=min(1.0, sure / sum(lasted)),
        start=heard[0].start,
        end=heard[-1].end,
        endpoint_at=endpoint_at,
        unknown=len(heard) - len(words),
    )


def _to_pcm(samples: Samples) -> Pcm:
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
