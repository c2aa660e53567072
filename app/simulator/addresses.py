"""Where public addresses really lead: the server's public URL is signed, a loopback address is connected to."""

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Unreachable(ValueError):
    """The address is neither mapped nor on this machine: a pretend carrier never goes out to the internet."""


class AddressBook:
    """Maps public origins (scheme, host and port) to origins on this machine."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = {_place(urlsplit(public)): urlsplit(local) for public, local in mapping.items()}

    def connectable(self, url: str) -> str:
        """The URL to connect to instead of a public one; loopback addresses stand for themselves."""
        parts = urlsplit(url.partition("#")[0])
        local = self._mapping.get(_place(parts))
        if local is not None:
            scheme = "ws" if parts.scheme in {"ws", "wss"} else "http"
            return urlunsplit((scheme, local.netloc, parts.path, parts.query, ""))
        if parts.hostname in _LOOPBACK:
            return urlunsplit(parts)
        raise Unreachable(f"{parts.hostname} is not an address of the server under test")

    @staticmethod
    def host_header(url: str) -> str:
        """The Host that a request for the public URL names."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.port is None or parts.port == _DEFAULT_PORTS.get(parts.scheme):
            return host
        return f"{host}:{parts.port}"


def _place(parts: SplitResult) -> tuple[str, int]:
    """Host and port: a socket of the same host and port is the same server, whatever the scheme."""
    return (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
