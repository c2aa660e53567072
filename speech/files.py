"""Recordings: reads WAV and FLAC of any kind, and transcribes them as a call would be."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import TypedDict

import numpy as np
import soundfile

from speech import mulaw
from speech.mulaw import Pcm
from speech.recognizer import TELEPHONE_RATE, Final, Recognizer
from speech.resample import resample

FRAME = TELEPHONE_RATE // 50
"""A telephone's 20 ms."""

_LONGEST_SECONDS = 6 * 3600
_LARGEST_FILE = 1 << 30


class NotAudio(Exception):
    """A file that cannot be heard; the message names it and says why."""


class HeardWord(TypedDict):
    """One word of a transcript; times in seconds from the file's beginning."""

    word: str
    start: float
    end: float
    confidence: float


class Transcript(TypedDict):
    """What was heard in one file, as `switchboard transcribe` prints it."""

    file: str
    text: str
    words: list[HeardWord]
    seconds: float
    real_time_factor: float


def read_audio(path: Path) -> Pcm:
    """The file's sound as 8 kHz mono; raise NotAudio when it has none."""
    samples, rate = _decode(path)
    if len(samples) == 0:
        raise NotAudio(f"{path}: the file is audio but holds no sound")
    mono = np.nan_to_num(samples.mean(axis=1, dtype=np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    telephone = resample(mono.astype(np.float32), rate, TELEPHONE_RATE)
    pcm: Pcm = np.clip(np.rint(telephone * 32768), -32768, 32767).astype(np.int16)
    return pcm


def transcribe_file(engine: Recognizer, path: Path, grammar: Sequence[str] | None = None) -> Transcript:
    """Feed the file through the engine in a telephone's frames and its mu-law; a grammar allows its phrases only."""
    pcm = read_audio(path)
    payload = mulaw.encode(pcm)
    seconds = len(pcm) / TELEPHONE_RATE
    began = perf_counter()
    stream = engine.stream(grammar)
    heard = [item for at in range(0, len(payload), FRAME) for item in stream.feed_mulaw(payload[at : at + FRAME])]
    finals = [item for item in heard if isinstance(item, Final)] + stream.finish()
    spent = perf_counter() - began
    return Transcript(
        file=str(path),
        text=" ".join(final.text for final in finals if final.text),
        words=[
            HeardWord(word=w.word, start=round(w.start, 3), end=round(w.end, 3), confidence=round(w.confidence, 3))
            for final in finals
            for w in final.words
        ],
        seconds=round(seconds, 3),
        real_time_factor=round(spent / seconds, 4),
    )


def _decode(path: Path) -> tuple[np.typing.NDArray[np.float32], int]:
    """The file's samples, a row for each moment, and their rate."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise NotAudio(f"{path}: larger than {_LARGEST_FILE >> 30} GiB")
        # Bytes without a name: soundfile would otherwise believe the file's suffix.
        with soundfile.SoundFile(BytesIO(path.read_bytes())) as sound:
            if sound.frames > _LONGEST_SECONDS * sound.samplerate:
                raise NotAudio(f"{path}: longer than {_LONGEST_SECONDS // 3600} hours")
            return sound.read(dtype="float32", always_2d=True), sound.samplerate
    except OSError as error:
        raise NotAudio(f"{path}: cannot be read: {error.strerror or error}") from error
    except soundfile.LibsndfileError as error:
        raise NotAudio(f"{path}: not a WAV or FLAC recording ({error.error_string.rstrip('.')})") from error
