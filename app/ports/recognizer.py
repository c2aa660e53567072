"""What the use cases know of a recognized utterance, whoever recognized it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was heard in one go. `confidence` 0..1; `endpoint` is when its end was noticed (ms, 0 unknown)."""

    text: str
    confidence: float = 1.0
    endpoint: int = 0
    source: str = "stream"
