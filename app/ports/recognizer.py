"""What the ears hand over, whoever recognized it."""

from app.core.inputs import Utterance

__all__ = ["Utterance"]
