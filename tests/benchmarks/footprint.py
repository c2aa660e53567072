"""What the server needs: memory while idle and for each live call, the time to start, and the recognizer's speed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

import models
import speech
from app.demo import AUDIO
from app.simulator.audio import read_wav
from app.simulator.callers import Caller
from app.simulator.carrier import CallHandle
from tests.benchmarks.figures import Figure
from tests.drill.world import World, world

_SETTLE_SECONDS = 4.0
_CALLS = (10, 30)
_FRAME = 160
_MB = 1024 * 1024


@contextmanager
def timed_world(figures: list[Figure]) -> Iterator[World]:
    """The whole server with real ears; notes how long it took until calls could be taken."""
    began = time.monotonic()
    with world("vosk", {}) as running:
        taken = time.monotonic() - began
        figures.append(Figure("start", "from the command to the first call", taken, "s"))
        yield running


def memory(running: World) -> list[Figure]:
    """Unique and proportional memory of all processes: idle, and with callers on the line who are listened to."""
    group = "memory of all processes"
    idle = _sizes(running)
    figures = [
        Figure(group, f"idle, {len(running.processes())} processes", idle[0], "MB unique", note=f"{idle[1]:.0f} MB PSS")
    ]
    for process, size in _by_process(running).items():
        figures.append(Figure(group, f"idle, {process}", size, "MB unique"))
    handles: list[CallHandle] = []
    for calls in _CALLS:
        while len(handles) < calls:
            number = len(handles)
            caller = Caller(name=f"quiet {number}", from_number=f"+1202550{number:04d}")
            handles.append(running.carrier.dial(caller))
        running.carrier.exchange.pause(_SETTLE_SECONDS)
        unique, proportional = _sizes(running)
        per_call = (unique - idle[0]) / calls
        note = f"{unique:.0f} MB unique, {proportional:.0f} MB PSS in all"
        figures.append(Figure(group, f"each of {calls} live calls", per_call, "MB", note=note))
    for handle in handles:
        handle.hang_up()
    for handle in handles:
        handle.wait(5)
    return figures


def _sizes(running: World) -> tuple[float, float]:
    infos = [process.memory_full_info() for process in running.processes()]
    return sum(info.uss for info in infos) / _MB, sum(getattr(info, "pss", info.uss) for info in infos) / _MB


def _by_process(running: World) -> dict[str, float]:
    sizes = {}
    for name, pid in running.children.items():
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        sizes[name] = sum(member.memory_full_info().uss for member in family) / _MB
    return sizes


def recognizer() -> list[Figure]:
    """The box model on the demo's recordings, in one thread: processor seconds for a second of speech."""
    engine = speech.load_recognizer("vosk", models.speech_model_folder())
    heard, spent = 0.0, 0.0
    for path in sorted(AUDIO.glob("*.wav")):
        sound = read_wav(path.read_bytes())
        stream = engine.stream()
        began = time.thread_time()
        for at in range(0, len(sound), _FRAME):
            stream.feed_mulaw(sound[at : at + _FRAME])
        stream.finish()
        spent += time.thread_time() - began
        heard += len(sound) / 8000
    return [
        Figure("recognizer", "processor time ÷ speech", spent / heard, "× real time", note=f"{heard:.0f} s of speech")
    ]
