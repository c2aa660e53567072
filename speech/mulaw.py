"""8 kHz mu-law (G.711) to and from 16-bit PCM, by table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pcm = npt.NDArray[np.int16]

SILENCE = 0xFF
"""The byte that decodes to zero, as telephones send it."""

_BIAS = 0x84
_CLIP = 32635


def _decode_table() -> Pcm:
    codes = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent = (codes >> 4) & 0x07
    mantissa = codes & 0x0F
    magnitude = (((mantissa << 3) + _BIAS) << exponent) - _BIAS
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> npt.NDArray[np.uint8]:
    """Codes for every 16-bit sample, indexed by the sample's bits read as unsigned."""
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    biased = np.minimum(np.abs(samples), _CLIP) + _BIAS
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 7
    mantissa = (biased >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    codes: npt.NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return codes


_DECODE = _decode_table()
_ENCODE = _encode_table()


def decode(payload: bytes | bytearray | memoryview) -> Pcm:
    """One signed 16-bit sample for each byte."""
    return _DECODE[np.frombuffer(payload, dtype=np.uint8)]


def encode(pcm: Pcm) -> bytes:
    """One byte for each sample; samples beyond ±32,635 are clipped, as G.711 does."""
    return bytes(_ENCODE[np.ascontiguousarray(pcm, dtype=np.int16).view(np.uint16)])
