"""Changes the sample rate of a stream of audio, in pieces of any size."""

from __future__ import annotations

from math import ceil, gcd

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

_ZERO_CROSSINGS = 16
_ROLLOFF = 0.94
_BLOCK = 16384


def _phase_filters(up: int, down: int) -> tuple[npt.NDArray[np.float64], int]:
    """One windowed-sinc filter for each of the `up` positions between input samples, and half its length."""
    cutoff = min(1.0, up / down) * _ROLLOFF
    half = ceil(_ZERO_CROSSINGS / cutoff)
    offsets = np.arange(-half + 1, half + 1)
    times = offsets[None, :] - (np.arange(up) / up)[:, None]
    window = np.cos(np.clip(times / half, -1, 1) * np.pi / 2) ** 2
    filters = np.sinc(times * cutoff) * cutoff * window
    return filters / filters.sum(axis=1, keepdims=True), half


class Resampler:
    """Polyphase windowed-sinc conversion that keeps its place between pieces."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        common = gcd(from_rate, to_rate)
        self._up, self._down = to_rate // common, from_rate // common
        self._filters, self._half = _phase_filters(self._up, self._down)
        self._history = np.zeros(self._half - 1, dtype=np.float32)
        self._next = 0  # where the next output lies, in 1/up of an input sample after the history's margin
        self._taken = 0
        self._given = 0

    def feed(self, samples: Samples) -> Samples:
        """The output samples that the input so far settles."""
        self._taken += len(samples)
        return self._convert(samples)

    def flush(self) -> Samples:
        """The last samples, so that the output lasts as long as the input did."""
        wanted = -(-self._taken * self._up // self._down) - self._given
        return self._convert(np.zeros(self._half + self._down, dtype=np.float32))[: max(0, wanted)]

    def _convert(self, samples: Samples) -> Samples:
        line = np.concatenate([self._history, samples.astype(np.float32, copy=False)])
        last = len(line) - 2 * self._half  # the last input index whose whole filter lies inside the line
        count = max(0, (last * self._up + self._up - 1 - self._next) // self._down + 1) if last >= 0 else 0
        places = self._next + np.arange(count, dtype=np.int64) * self._down
        output = np.empty(count, dtype=np.float32)
        taps = np.arange(2 * self._half)
        for begin in range(0, count, _BLOCK):
            some = places[begin : begin + _BLOCK]
            window = line[(some // self._up)[:, None] + taps]
            output[begin : begin + _BLOCK] = np.einsum("ij,ij->i", window, self._filters[some % self._up])
        self._given += count
        following = self._next + count * self._down
        keep_from = min(following // self._up, len(line))
        self._history = line[keep_from:]
        self._next = following - keep_from * self._up
        return output


def resample(samples: Samples, from_rate: int, to_rate: int) -> Samples:
    """The whole recording at another rate."""
    if from_rate == to_rate:
        return samples
    resampler = Resampler(from_rate, to_rate)
    return np.concatenate([resampler.feed(samples), resampler.flush()])
