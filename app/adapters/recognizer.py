"""The speech package as the use cases know it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import speech
from app.ports.clock import Clock
from app.ports.recognizer import Speaking, Utterance
from speech.files import NotAudio, transcribe_file
from speech.transcriber import Transcriber


class StreamHearing:
    """One stream's recognition; the instant at which an utterance's end was noticed comes from our clock."""

    def __init__(self, transcriber: Transcriber, clock: Clock) -> None:
        self._transcriber = transcriber
        self._clock = clock

    def accept(self, payload: bytes, timestamp: int | None) -> Sequence[Speaking | Utterance]:
        """Takes 8 kHz mu-law audio."""
        return [self._heard(item) for item in self._transcriber.accept(payload, timestamp)]

    def finish(self) -> Sequence[Utterance]:
        """What was still unfinished."""
        return [_utterance(final, self._clock.now()) for final in self._transcriber.finish()]

    def _heard(self, item: speech.Heard) -> Speaking | Utterance:
        if isinstance(item, speech.Partial):
            return Speaking(item.text)
        return _utterance(item, self._clock.now())


class SpeechRecognizer:
    """The engine of this process: one model, one stream per call."""

    def __init__(self, engine: speech.Recognizer, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def listen(self) -> StreamHearing:
        """A recognition for one stream."""
        return StreamHearing(Transcriber.of(self._engine), self._clock)

    def transcribe(self, recording: bytes) -> Utterance:
        """The words of a whole recording."""
        with NamedTemporaryFile(suffix=".wav") as file:
            file.write(recording)
            file.flush()
            try:
                heard = transcribe_file(self._engine, Path(file.name))
            except NotAudio as error:
                raise ValueError("the recording is not audio") from error
        words = tuple((word["word"], word["confidence"]) for word in heard["words"])
        sure = sum(confidence for _, confidence in words) / len(words) if words else 0.0
        return Utterance(heard["text"], sure, self._clock.now(), "record", words)


def _utterance(final: speech.Final, now: int) -> Utterance:
    words = tuple((word.word, word.confidence) for word in final.words)
    return Utterance(final.text, final.confidence, now, "stream", words)
