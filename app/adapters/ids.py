"""Identities nobody can guess."""

import secrets


class RandomIds:
    """Identities from the operating system's randomness."""

    def sid(self, prefix: str) -> str:
        """A two-letter prefix and 32 hexadecimal digits."""
        return prefix + secrets.token_hex(16)

    def token(self) -> str:
        """128 bits, safe in a URL."""
        return secrets.token_urlsafe(16)
