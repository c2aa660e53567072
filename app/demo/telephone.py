"""What a telephone line does to sound: its band, its noise, its level, and mu-law files at 8 kHz."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 8000
FULL_SCALE = 32768.0

Samples = NDArray[np.float64]


def resample(samples: Samples, rate: int) -> Samples:
    """Bring samples to 8 kHz by cutting their spectrum, which keeps everything that a telephone carries."""
    spectrum = np.fft.rfft(samples)
    length = round(len(samples) * RATE / rate)
    kept = np.zeros(length // 2 + 1, dtype=np.complex128)
    common = min(len(kept), len(spectrum))
    kept[:common] = spectrum[:common]
    return np.fft.irfft(kept, length) * (length / len(samples))


def band_limit(samples: Samples, low: float = 300.0, high: float = 3400.0) -> Samples:
    """Let through what a telephone does, with edges a few tens of hertz wide so that nothing rings."""
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    rise = np.clip((frequencies - low + 60) / 120, 0, 1)
    fall = np.clip((high + 100 - frequencies) / 200, 0, 1)
    gain = np.sin(np.pi / 2 * rise) * np.sin(np.pi / 2 * fall)
    return np.fft.irfft(np.fft.rfft(samples) * gain, len(samples))


def level(samples: Samples) -> float:
    """Root mean square in dB below full scale; silence is -120."""
    power = float(np.mean(np.square(samples))) if len(samples) else 0.0
    return max(-120.0, 10 * float(np.log10(power + 1e-12)))


def at_level(samples: Samples, decibels: float) -> Samples:
    """The same sound at another root mean square level, in dB below full scale."""
    return samples * float(10 ** ((decibels - level(samples)) / 20))


def write(path: Path, samples: Samples) -> None:
    """Save as a mono 8 kHz mu-law WAV file; what would clip is held at full scale."""
    pcm = np.clip(np.round(samples * FULL_SCALE), -32768, 32767).astype(np.int16)
    soundfile.write(path, pcm, RATE, subtype="ULAW", format="WAV")


def read(path: Path) -> tuple[Samples, int]:
    """Samples between -1 and 1 of a mono sound file, and how many of them make a second."""
    samples, rate = soundfile.read(path, dtype="float64")
    return np.asarray(samples, dtype=np.float64), int(rate)
