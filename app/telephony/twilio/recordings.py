"""Fetches recordings: with our credentials only from the carrier itself, and never more than there is room for."""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests

from app.ports.telephony import RecordingMissing
from app.telephony.twilio.addresses import is_loopback

LARGEST = 64 * 1024 * 1024
_REDIRECTS = 3
_TIMEOUT = (5.0, 20.0)
_CHUNK = 64 * 1024
_CARRIER = "api.twilio.com"


@dataclass(frozen=True, slots=True)
class RecordingSource:
    """Where recordings come from. `api_url` (empty: the carrier's own) takes the place of the carrier's host."""

    credentials: tuple[str, str]
    api_url: str = ""
    largest: int = LARGEST

    def fetch(self, session: requests.Session, url: str) -> bytes:
        """The recording as WAV; raises `RecordingMissing` with the reason."""
        address = self._address(url)
        for _ in range(_REDIRECTS + 1):
            if not self._is_allowed(address):
                raise RecordingMissing("it is at an address we do not fetch from")
            try:
                with self._get(session, address) as answer:
                    if not answer.is_redirect:
                        return self._content(answer)
                    address = urljoin(address, answer.headers.get("Location", ""))
            except requests.RequestException as error:
                raise RecordingMissing(f"no answer: {type(error).__name__}") from error
        raise RecordingMissing("it is redirected without end")

    def _get(self, session: requests.Session, address: str) -> requests.Response:
        auth = self.credentials if self._is_carrier(address) else None
        request = requests.Request("GET", address, auth=auth, headers={"Accept": "audio/*"})
        prepared = session.prepare_request(request)
        if auth is None:
            prepared.headers.pop("Authorization", None)  # a .netrc file may have put one there
        settings = session.merge_environment_settings(prepared.url or "", {}, True, None, None)
        return session.send(prepared, timeout=_TIMEOUT, allow_redirects=False, **settings)

    def _content(self, answer: requests.Response) -> bytes:
        if answer.status_code != 200:
            raise RecordingMissing(f"HTTP {answer.status_code}")
        parts: list[bytes] = []
        size = 0
        for part in answer.iter_content(_CHUNK):
            size += len(part)
            if size > self.largest:
                raise RecordingMissing(f"it is larger than {self.largest} bytes")
            parts.append(part)
        if not size:
            raise RecordingMissing("it is empty")
        return b"".join(parts)

    def _address(self, url: str) -> str:
        """The address of the WAV, at the carrier we talk to."""
        try:
            parts = urlsplit(url)
            if self.api_url and parts.hostname == _CARRIER:
                ours = urlsplit(self.api_url)
                parts = parts._replace(scheme=ours.scheme, netloc=ours.netloc)
        except ValueError as error:
            raise RecordingMissing("its address cannot be read") from error
        if not parts.path.lower().endswith((".wav", ".mp3")):
            parts = parts._replace(path=parts.path + ".wav")
        return urlunsplit(parts)

    def _is_carrier(self, address: str) -> bool:
        parts = urlsplit(address)
        ours = urlsplit(self.api_url or f"https://{_CARRIER}")
        return (parts.scheme, parts.netloc.lower()) == (ours.scheme, ours.netloc.lower())

    def _is_allowed(self, address: str) -> bool:
        """Only the carrier, and public places it points at; nothing of this machine."""
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            return False
        return self._is_carrier(address) or (parts.scheme == "https" and bool(host) and not is_loopback(host))
