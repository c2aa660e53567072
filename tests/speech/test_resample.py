"""Audio keeps its pitch and its length when its sample rate changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.resample import Resampler, resample


def _tone(hertz: float, rate: int, seconds: float = 0.5) -> np.typing.NDArray[np.float32]:
    return np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate).astype(np.float32)


@pytest.mark.parametrize(("from_rate", "to_rate"), [(8000, 16000), (44100, 8000), (16000, 8000), (48000, 8000)])
def test_a_tone_is_the_same_tone_at_another_rate(from_rate: int, to_rate: int) -> None:
    heard = resample(_tone(1000, from_rate), from_rate, to_rate)
    expected = _tone(1000, to_rate)
    assert len(heard) == len(expected)
    assert np.abs(heard - expected)[200:-200].max() < 0.001


def test_what_a_lower_rate_cannot_carry_is_removed_and_not_folded_back() -> None:
    heard = resample(_tone(6000, 16000), 16000, 8000)
    assert np.abs(heard)[200:-200].max() < 0.01


@given(st.lists(st.integers(0, 700), min_size=1, max_size=12), st.sampled_from([(8000, 16000), (11025, 8000)]))
def test_pieces_of_any_size_give_what_the_whole_gives(sizes: list[int], rates: tuple[int, int]) -> None:
    whole = np.random.default_rng(7).standard_normal(sum(sizes)).astype(np.float32)
    resampler = Resampler(*rates)
    pieces = [resampler.feed(piece) for piece in np.split(whole, np.cumsum(sizes)[:-1])]
    joined = np.concatenate([*pieces, resampler.flush()])
    assert np.array_equal(joined, resample(whole, *rates))
