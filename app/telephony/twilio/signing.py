"""Signs what we send to the owner's programs, so that the SDK's RequestValidator finds it to be the carrier's."""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]


class Signer:
    """The X-Twilio-Signature of a request, made with the account's token ("": nothing is signed)."""

    def __init__(self, token: str) -> None:
        self._validator = RequestValidator(token) if token else None

    def __call__(self, url: str, fields: Mapping[str, str]) -> str:
        """The signature over the address as the receiver sees it and the fields of the form; of a GET, no fields."""
        if self._validator is None:
            return ""
        parts = urlsplit(url)
        seen = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
        return str(self._validator.compute_signature(seen, dict(fields)))
