"""Mu-law is decoded and encoded as G.711 says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech import mulaw


@pytest.mark.parametrize(
    ("code", "sample"),
    [
        (0xFF, 0),
        (0x7F, 0),
        (0x80, 32124),
        (0x00, -32124),
        (0x90, 15996),
        (0xA0, 7932),
        (0xB0, 3900),
        (0xC0, 1884),
        (0xD0, 876),
        (0xE0, 372),
        (0xF0, 120),
        (0x70, -120),
    ],
)
def test_bytes_decode_to_the_samples_of_the_standard(code: int, sample: int) -> None:
    assert mulaw.decode(bytes([code])).tolist() == [sample]


def test_silence_is_zero() -> None:
    assert not mulaw.decode(bytes([mulaw.SILENCE]) * 160).any()


@given(st.binary(max_size=400))
def test_what_was_decoded_encodes_to_the_same_bytes(payload: bytes) -> None:
    one_zero = payload.replace(b"\x7f", b"\xff")  # the standard has two codes for zero
    assert mulaw.encode(mulaw.decode(payload)) == one_zero


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=300))
def test_encoding_loses_no_more_than_half_a_step(samples: list[int]) -> None:
    pcm = np.array(samples, dtype=np.int16)
    back = mulaw.decode(mulaw.encode(pcm)).astype(int)
    exact = pcm.astype(int)
    within_range = np.clip(exact, -32635, 32635)
    assert (np.abs(back - within_range) <= np.abs(within_range) / 32 + 8).all()


def test_a_view_of_every_other_sample_encodes_as_its_copy_does() -> None:
    pcm = np.arange(-3000, 3000, 7, dtype=np.int16)
    assert mulaw.encode(pcm[::2]) == mulaw.encode(pcm[::2].copy())


def test_nothing_decodes_to_nothing() -> None:
    assert len(mulaw.decode(b"")) == 0
    assert mulaw.encode(mulaw.decode(b"")) == b""
