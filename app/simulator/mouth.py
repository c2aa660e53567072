"""What one person on a line says, on the frame grid that all streams and recordings share."""

import math
import threading
import time

from app.simulator.audio import FRAME_BYTES, FRAME_SECONDS, SILENCE, in_whole_frames


class FrameClock:
    """Numbers the 20 ms frames since the carrier was made, so that every stream is paced by one schedule."""

    def __init__(self) -> None:
        self._epoch = time.monotonic()

    def number(self, moment: float) -> int:
        """The frame in which a moment (monotonic seconds) falls."""
        return math.floor((moment - self._epoch) / FRAME_SECONDS)

    def now(self) -> int:
        """The frame of this moment."""
        return self.number(time.monotonic())

    def moment(self, number: int) -> float:
        """When a frame begins, in monotonic seconds."""
        return self._epoch + number * FRAME_SECONDS


class Mouth:
    """A line's own sound: utterances placed on frames, silence between them.

    Frames are looked up afterwards by streams and recordings, so that nothing has to be copied in real time.
    """

    def __init__(self, clock: FrameClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._utterances: list[tuple[int, bytes]] = []

    def speak(self, mulaw: bytes) -> float:
        """Say something after what is still being said; returns the moment (monotonic) at which it will end."""
        sound = in_whole_frames(mulaw)
        with self._lock:
            first = max(self._clock.now() + 1, self._free_from())
            self._utterances.append((first, sound))
        return self._clock.moment(first + len(sound) // FRAME_BYTES)

    def frame(self, number: int) -> bytes:
        """The 160 bytes of one frame."""
        for first, sound in reversed(self._utterances):
            if number >= first:
                at = (number - first) * FRAME_BYTES
                return sound[at : at + FRAME_BYTES] or SILENCE
        return SILENCE

    def silent_since(self, number: int) -> int:
        """For how many frames, up to and with `number`, nothing was said."""
        with self._lock:
            for first, sound in reversed(self._utterances):
                if first <= number:
                    return max(0, number + 1 - (first + len(sound) // FRAME_BYTES))
        return number + 1

    def between(self, first: int, last: int) -> bytes:
        """The sound of frames `first` up to, not with, `last`."""
        return b"".join(self.frame(number) for number in range(first, last))

    def _free_from(self) -> int:
        if not self._utterances:
            return 0
        first, sound = self._utterances[-1]
        return first + len(sound) // FRAME_BYTES
