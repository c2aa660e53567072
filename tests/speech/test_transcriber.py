"""Audio is placed by the carrier's clock, whatever the network did to it."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech import Final, Heard, RecognitionFailed, Stream
from speech.mulaw import Pcm
from speech.scripted import ScriptedRecognizer, frames
from speech.transcriber import GAP_CAP_MS, Transcriber
from speech.vosk_engine import VoskRecognizer

QUIET = b"\xff" * 160


class CountingStream:
    """Counts the samples it is given; hears nothing; may be told to fail."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.samples = 0
        self._fails_at = fails_at

    def feed(self, pcm: bytes | Pcm) -> list[Heard]:
        raise NotImplementedError("telephone audio comes as mu-law")

    def feed_mulaw(self, payload: bytes) -> list[Heard]:
        self.samples += len(payload)
        if self._fails_at is not None and self.samples > self._fails_at:
            raise RecognitionFailed("the engine gave up")
        return []

    def finish(self) -> list[Final]:
        if self._fails_at is not None:
            raise RecognitionFailed("the engine gave up")
        return []


@pytest.fixture
def counting() -> tuple[Transcriber, CountingStream]:
    stream = CountingStream()
    return Transcriber(lambda: stream), stream


def test_audio_without_time_stamps_is_taken_one_after_the_other(
    counting: tuple[Transcriber, CountingStream],
) -> None:
    transcriber, stream = counting
    for size in (160, 1, 33, 4000):
        transcriber.accept(b"\xff" * size, None)
    assert stream.samples == 160 + 1 + 33 + 4000
    assert transcriber.counts.gaps == 0


def test_a_gap_is_filled_with_as_much_silence(counting: tuple[Transcriber, CountingStream]) -> None:
    transcriber, stream = counting
    transcriber.accept(QUIET, 1000)
    transcriber.accept(QUIET, 1500)
    assert stream.samples == 520 * 8
    assert (transcriber.counts.gaps, transcriber.counts.filled_ms) == (1, 480)


def test_jitter_of_the_carriers_clock_is_no_gap(counting: tuple[Transcriber, CountingStream]) -> None:
    transcriber, stream = counting
    for stamp in (0, 25, 38, 70, 80):
        transcriber.accept(QUIET, stamp)
    assert stream.samples == 5 * 160
    assert transcriber.skipped == 0


def test_a_long_gap_is_filled_only_to_the_cap(counting: tuple[Transcriber, CountingStream]) -> None:
    transcriber, stream = counting
    transcriber.accept(QUIET, 0)
    transcriber.accept(QUIET, 3_600_000)
    assert stream.samples == GAP_CAP_MS * 8 + 320


def test_duplicates_and_late_frames_are_dropped_and_counted(
    counting: tuple[Transcriber, CountingStream],
) -> None:
    transcriber, stream = counting
    for stamp in (0, 20, 20, 40, 20, 60):
        transcriber.accept(QUIET, stamp)
    assert transcriber.skipped == 2
    assert stream.samples == 4 * 160


def test_a_clock_that_starts_again_is_followed(counting: tuple[Transcriber, CountingStream]) -> None:
    transcriber, stream = counting
    for stamp in (60_000, 60_020, 0, 20, 40, 60):
        transcriber.accept(QUIET, stamp)
    assert transcriber.counts.restarts == 1
    assert transcriber.skipped == 1
    assert stream.samples == 5 * 160


def test_one_stamp_from_the_far_past_is_not_a_new_clock(counting: tuple[Transcriber, CountingStream]) -> None:
    transcriber, stream = counting
    for stamp in (60_000, 60_020, 5, 60_040, 60_060):
        transcriber.accept(QUIET, stamp)
    assert transcriber.counts.restarts == 0
    assert stream.samples == 4 * 160


def test_one_stamp_from_the_far_future_does_not_deafen_the_call(
    counting: tuple[Transcriber, CountingStream],
) -> None:
    transcriber, stream = counting
    for stamp in (0, 20, 9_000_000, 40, 60, 80):
        transcriber.accept(QUIET, stamp)
    assert transcriber.skipped == 1
    assert transcriber.counts.gaps == 1
    assert stream.samples == 5 * 160 + GAP_CAP_MS * 8


@pytest.mark.parametrize("stamp", [-1, float("nan"), float("inf"), 2**60, True, "20", object()])
def test_a_time_stamp_that_is_none_is_ignored_and_the_audio_taken(
    counting: tuple[Transcriber, CountingStream], stamp: object
) -> None:
    transcriber, stream = counting
    transcriber.accept(QUIET, stamp)  # type: ignore[arg-type]
    assert stream.samples == 160


@pytest.mark.parametrize("payload", [b"", None, "hello", 7, [1, 2], b"\xff" * 480_001])
def test_what_is_no_audio_is_skipped(counting: tuple[Transcriber, CountingStream], payload: object) -> None:
    transcriber, stream = counting
    assert transcriber.accept(payload, 0) == []  # type: ignore[arg-type]
    assert (transcriber.skipped, stream.samples) == (1, 0)


@given(st.lists(st.tuples(st.binary(max_size=400), st.none() | st.integers() | st.floats()), max_size=30))
def test_nothing_that_arrives_makes_it_raise(arrivals: list[tuple[bytes, float | None]]) -> None:
    stream = CountingStream()
    transcriber = Transcriber(lambda: stream)
    for payload, stamp in arrivals:
        transcriber.accept(payload, stamp)
    counts = transcriber.counts
    assert counts.accepted + counts.skipped == len(arrivals)
    assert stream.samples <= sum(len(payload) for payload, _ in arrivals) + counts.gaps * GAP_CAP_MS * 8


def test_words_after_a_long_gap_carry_the_carriers_time() -> None:
    transcriber = Transcriber.of(ScriptedRecognizer())
    transcriber.accept(frames("before")[0], 0)
    (first,) = transcriber.accept(frames("after")[0], 60_000)[:1]
    (second,) = transcriber.finish()
    assert isinstance(first, Final)
    assert first.start < 0.1
    assert first.endpoint_at <= GAP_CAP_MS / 1000 + 0.1
    assert second.words[0].start == pytest.approx(60.0, abs=0.1)
    assert second.start == pytest.approx(60.0, abs=0.1)


def test_a_gap_ends_the_utterance_before_it() -> None:
    transcriber = Transcriber.of(ScriptedRecognizer())
    transcriber.accept(frames("hello")[0], 0)
    heard = transcriber.accept(QUIET, 700)
    assert [item.text for item in heard] == ["hello"]


def test_a_recognizer_that_gives_up_is_replaced_and_the_call_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    streams: list[Stream] = [CountingStream(fails_at=300), ScriptedRecognizer().stream()]
    transcriber = Transcriber(lambda: streams.pop(0))
    with caplog.at_level(logging.WARNING):
        transcriber.accept(QUIET)
        transcriber.accept(QUIET)
    transcriber.accept(frames("still here")[0])
    (final,) = transcriber.finish()
    assert final.text == "still here"
    assert final.words[0].start == pytest.approx(0.04, abs=0.001)
    assert transcriber.counts.failures == 1
    assert "the engine gave up" in caplog.text


def test_a_recognizer_that_fails_at_the_end_gives_nothing() -> None:
    transcriber = Transcriber(lambda: CountingStream(fails_at=10_000))
    transcriber.accept(QUIET)
    assert transcriber.finish() == []
    assert transcriber.counts.failures == 1


def test_vosk_hears_a_sentence_through_lost_late_and_doubled_frames(
    vosk_engine: VoskRecognizer, spoken: Callable[[str], bytes]
) -> None:
    audio = spoken("vanilla_for_a_wedding")
    stamped = [(at // 8, audio[at : at + 160]) for at in range(0, len(audio), 160)]
    lost = [item for number, item in enumerate(stamped) if number not in (3, 125, 126, 127, 128)]
    doubled = [item for number, item in enumerate(lost) for _ in range(1 + (number % 4 == 0))]
    transcriber = Transcriber.of(vosk_engine)
    heard = [item for stamp, payload in doubled for item in transcriber.accept(payload, stamp)]
    heard += transcriber.finish()
    assert [item.text for item in heard if isinstance(item, Final)] == ["i need vanilla for a wedding tomorrow"]
    assert transcriber.skipped == len(doubled) - len(lost)
    assert transcriber.counts.gaps == 1
