"""Sound as the telephone carries it: mu-law at 8 kHz in frames of 20 ms, and WAV files in and out."""

import io
import struct
import wave
from typing import Final

import numpy as np
import numpy.typing as npt

RATE: Final = 8000
FRAME_BYTES: Final = 160
FRAME_SECONDS: Final = FRAME_BYTES / RATE
SILENCE: Final = b"\xff" * FRAME_BYTES
WORDS_MARKER: Final = b"SWB1:"

Samples = npt.NDArray[np.int16]

_PCM, _FLOAT, _MULAW, _EXTENSIBLE = 1, 3, 7, 0xFFFE


class AudioError(ValueError):
    """The bytes are not a sound file that this carrier can play."""


def _decoding_table() -> Samples:
    """Build the G.711 table: each mu-law byte's 16-bit sample."""
    inverted = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((inverted & 0x0F) << 3) + 0x84) << ((inverted & 0x70) >> 4)
    return np.where(inverted & 0x80, 0x84 - magnitude, magnitude - 0x84).astype(np.int16)


def _encoding_table() -> npt.NDArray[np.uint8]:
    """Build the inverse: the mu-law byte of each 16-bit sample, indexed by the sample as unsigned number."""
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    sign = np.where(samples < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(samples), 32635) + 0x84
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    table: npt.NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return table


_DECODE: Final = _decoding_table()
_ENCODE: Final = _encoding_table()


def to_samples(mulaw: bytes) -> Samples:
    """Decode mu-law bytes to 16-bit samples."""
    decoded: Samples = _DECODE[np.frombuffer(mulaw, dtype=np.uint8)]
    return decoded


def to_mulaw(samples: Samples) -> bytes:
    """Encode 16-bit samples as mu-law bytes."""
    return _ENCODE[samples.view(np.uint16)].tobytes()


def read_wav(data: bytes) -> bytes:
    """Return a WAV file's sound as mu-law bytes at 8 kHz; mu-law and PCM of any rate and channels are understood."""
    layout, body = _chunks(data)
    kind, channels, rate, bits = layout
    if kind == _MULAW and rate == RATE and channels == 1:
        return body
    wide = _as_float(body, kind, bits)
    if channels > 1:
        wide = wide[: len(wide) // channels * channels].reshape(-1, channels).mean(axis=1)
    return to_mulaw(np.clip(_resampled(wide, rate), -32768, 32767).astype(np.int16))


def _chunks(data: bytes) -> tuple[tuple[int, int, int, int], bytes]:
    """Find the format (kind, channels, rate, bits) and the sound of a RIFF file."""
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise AudioError("not a WAV file: it does not begin with RIFF … WAVE")
    layout: tuple[int, int, int, int] | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        if name == b"fmt " and size >= 16 and at + 24 <= len(data):
            layout = _layout(data[at + 8 : at + 8 + size])
        elif name == b"data":
            if layout is None:
                raise AudioError("a WAV file without a format chunk before its data")
            return layout, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    raise AudioError("a WAV file without a data chunk")


def _layout(chunk: bytes) -> tuple[int, int, int, int]:
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if kind == _EXTENSIBLE and len(chunk) >= 26:
        kind = struct.unpack_from("<H", chunk, 24)[0]
    if channels < 1 or rate < 1:
        raise AudioError("a WAV file without channels or rate")
    return kind, channels, rate, bits


def _as_float(body: bytes, kind: int, bits: int) -> npt.NDArray[np.float64]:
    """Return the samples on the scale of 16-bit numbers."""
    if kind == _MULAW:
        return to_samples(body).astype(np.float64)
    if kind == _PCM and bits == 16:
        return np.frombuffer(body[: len(body) // 2 * 2], dtype="<i2").astype(np.float64)
    if kind == _PCM and bits == 8:
        return (np.frombuffer(body, dtype=np.uint8).astype(np.float64) - 128) * 256
    if kind == _FLOAT and bits == 32:
        return np.frombuffer(body[: len(body) // 4 * 4], dtype="<f4").astype(np.float64) * 32767
    raise AudioError(f"a WAV file of kind {kind} with {bits} bits; mu-law, 8- or 16-bit PCM are understood")


def _resampled(samples: npt.NDArray[np.float64], rate: int) -> npt.NDArray[np.float64]:
    """Bring samples to 8 kHz: a short average against aliasing, then straight lines between points."""
    if rate == RATE or len(samples) == 0:
        return samples
    width = max(1, round(rate / RATE))
    if width > 1:
        samples = np.convolve(samples, np.full(width, 1 / width), mode="same")
    count = int(len(samples) * RATE / rate)
    result: npt.NDArray[np.float64] = np.interp(np.arange(count) * (rate / RATE), np.arange(len(samples)), samples)
    return result


def write_wav(samples: Samples) -> bytes:
    """Return a 16-bit mono WAV file at 8 kHz, as the carrier keeps recordings."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def seconds_of(mulaw: bytes) -> float:
    """How long mu-law bytes sound."""
    return len(mulaw) / RATE


def in_whole_frames(mulaw: bytes) -> bytes:
    """Fill the last frame up with silence."""
    return mulaw + SILENCE[: -len(mulaw) % FRAME_BYTES]


def words_as_frames(text: str, seconds: float) -> bytes:
    """Write words into frames for a recognizer that reads instead of listening.

    The first frame begins with the ASCII marker `SWB1:`, then the text as UTF-8, then one newline, running on into as
    many frames as it needs; the rest of the last frame is 0xFF (silence), and whole silent frames follow until
    `seconds` have passed. The marker stands only at the start of a frame, and only once for each utterance.
    """
    frames = in_whole_frames(WORDS_MARKER + " ".join(text.split()).encode() + b"\n")
    missing = round(seconds / FRAME_SECONDS) - len(frames) // FRAME_BYTES
    return frames + SILENCE * max(0, missing)
