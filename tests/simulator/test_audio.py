"""Sound: mu-law as G.711 has it, WAV files of the usual kinds, words written into frames."""

import io
import struct
import time
import wave

import numpy as np
import pytest

from app.simulator.audio import (
    FRAME_BYTES,
    FRAME_SECONDS,
    RATE,
    SILENCE,
    AudioError,
    read_wav,
    seconds_of,
    to_mulaw,
    to_samples,
    words_as_frames,
    write_wav,
)
from app.simulator.mouth import FrameClock, Mouth


def wav(samples: np.ndarray, rate: int, channels: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def mulaw_wav(body: bytes) -> bytes:
    layout = struct.pack("<HHIIHH", 7, 1, 8000, 8000, 1, 8)
    chunks = b"fmt " + struct.pack("<I", 16) + layout + b"LIST" + struct.pack("<I", 3) + b"odd\0"
    chunks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def tone(rate: int, seconds: float = 1.0) -> np.ndarray:
    return np.round(8000 * np.sin(2 * np.pi * 400 * np.arange(int(rate * seconds)) / rate))


# G.711: 0xFF and 0x7F are zero, 0x80 and 0x00 the largest samples of either sign.
@pytest.mark.parametrize(("byte", "sample"), [(0xFF, 0), (0x7F, 0), (0x80, 32124), (0x00, -32124), (0xF0, 120)])
def test_bytes_decode_to_the_samples_of_the_standard(byte: int, sample: int) -> None:
    assert to_samples(bytes([byte]))[0] == sample


def test_every_byte_survives_decoding_and_encoding_but_the_second_zero() -> None:
    every = bytes(range(256))
    assert to_mulaw(to_samples(every)) == every.replace(b"\x7f", b"\xff")


def test_a_mulaw_wav_is_taken_as_it_is() -> None:
    body = bytes(range(200))
    assert read_wav(mulaw_wav(body)) == body


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 1), (22050, 1), (44100, 2)])
def test_a_pcm_wav_of_any_rate_sounds_the_same_at_8_khz(rate: int, channels: int) -> None:
    samples = np.repeat(tone(rate), channels)
    heard = to_samples(read_wav(wav(samples, rate, channels))).astype(float)
    assert abs(len(heard) - RATE) <= 1
    spectrum = np.abs(np.fft.rfft(heard[:7600]))
    assert round(np.argmax(spectrum) * RATE / 7600) == pytest.approx(400, abs=2)
    assert np.max(np.abs(heard)) == pytest.approx(8000, rel=0.1)


@pytest.mark.parametrize(
    "data", [b"", b"not a sound", b"RIFF\0\0\0\0WAVE", mulaw_wav(b"x").replace(b"\x07\x00\x01", b"\x55\x00\x01", 1)]
)
def test_what_is_no_playable_wav_is_refused(data: bytes) -> None:
    with pytest.raises(AudioError):
        read_wav(data)


def test_a_recording_can_be_read_back() -> None:
    sound = to_mulaw(tone(RATE).astype(np.int16))
    assert read_wav(write_wav(to_samples(sound))) == sound
    assert seconds_of(sound) == 1.0


def test_words_begin_at_a_frame_with_the_marker_end_with_a_newline_and_are_followed_by_silence() -> None:
    frames = words_as_frames("i want  to order", 0.1)
    assert len(frames) == 5 * FRAME_BYTES
    assert frames[:FRAME_BYTES] == (b"SWB1:i want to order\n" + SILENCE)[:FRAME_BYTES]
    assert frames[FRAME_BYTES:] == SILENCE * 4


def test_long_words_run_on_into_the_next_frames() -> None:
    text = " ".join(["ice cream é"] * 40)
    frames = words_as_frames(text, 0.0)
    assert len(frames) % FRAME_BYTES == 0
    assert frames.rstrip(b"\xff") == b"SWB1:" + text.encode() + b"\n"


def test_a_mouth_says_one_thing_after_the_other_on_whole_frames() -> None:
    clock = FrameClock()
    mouth = Mouth(clock)
    start = clock.now()
    mouth.speak(b"a" * 200)
    end = mouth.speak(b"b" * FRAME_BYTES)
    assert end > time.monotonic()
    sound = mouth.between(start, clock.number(end + FRAME_SECONDS) + 1)
    assert b"a" * 200 + b"\xff" * 120 + b"b" * FRAME_BYTES in sound
    assert sound.index(b"a") % FRAME_BYTES == 0


def test_a_mouth_knows_how_long_it_has_been_silent() -> None:
    clock = FrameClock()
    mouth = Mouth(clock)
    assert mouth.silent_since(9) == 10
    end = clock.number(mouth.speak(b"a" * 3 * FRAME_BYTES) + FRAME_SECONDS / 2)
    assert mouth.silent_since(end - 1) == 0
    assert mouth.silent_since(end + 4) == 5
