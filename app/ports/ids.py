"""Where identities come from."""

from typing import Protocol


class Ids(Protocol):
    """Makes identities that nobody can guess."""

    def sid(self, prefix: str) -> str:
        """A two-letter prefix and 32 hexadecimal digits, like the carrier's."""

    def token(self) -> str:
        """A secret of at least 128 bits, safe in a URL."""
