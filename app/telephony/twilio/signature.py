"""Tells whether a request really comes from the carrier: the signature over the address we gave it and what it sent."""

import hashlib
import hmac
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from twilio.request_validator import (  # type: ignore[import-untyped]
    HMAC_SHA1,
    HMAC_SHA256,
    RequestValidator,
    get_signature_algorithm,
)

from app.telephony.twilio.links import Links

logger = logging.getLogger(__name__)

_DEFAULT_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}


class Fields:
    """What a request sent: names, each with its values in the order they came."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def first(self, name: str) -> str:
        """The first value of a name; empty where there is none."""
        values = self._values.get(name)
        return values[0] if values else ""

    def getall(self, name: str) -> list[str]:
        """Every value of a name; the SDK's validator asks for them by this method."""
        return self._values[name]

    def over(self, others: "Fields") -> "Fields":
        """These fields, with `others` where these say nothing."""
        merged = Fields()
        merged._values = {**others._values, **self._values}
        return merged

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as far as its signature goes. `target` is the path and query as they came, still encoded."""

    target: str
    signature: str
    settings: str = ""
    fields: Fields | None = None
    body: bytes = b""
    json: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may be believed; otherwise the address that was checked, and why not."""

    authentic: bool
    checked: str = ""
    why: str = ""


_AUTHENTIC = Verdict(True)


class Gate:
    """Checks signatures against our public address, with the tokens that are valid now.

    `links` hold the addresses the carrier was given: what a request's headers say of itself is not believed. During a
    change of tokens both `token` and `next_token` are good. `shared_key` is for accounts whose webhooks are signed
    with one. `account` is the one account whose calls are ours (empty: any that knows the token).
    """

    def __init__(
        self, links: Links, token: str, *, next_token: str = "", shared_key: str = "", account: str = ""
    ) -> None:
        self._account = account
        self._public = links.public
        self._socket = links.socket()
        self._bases = _ways_to_write(self._public)
        self._sockets = _ways_to_write(self._socket)
        self._validators: Mapping[str, list[RequestValidator]] = {
            HMAC_SHA1: [RequestValidator(secret) for secret in (token, next_token) if secret],
            HMAC_SHA256: [RequestValidator(shared_key)] if shared_key else [],
        }

    def check(self, request: Signed) -> Verdict:
        """Whether a webhook is the carrier's; whatever is odd about it, it is not."""
        targets = [request.target]
        if request.target.endswith("?"):
            targets.append(request.target[:-1])
        addresses = [base + target for target in targets for base in self._bases]
        return self._verdict(addresses, request, self._public + request.target)

    def check_socket(self, request: Signed) -> Verdict:
        """Whether the opening of a media socket is the carrier's: it signs the wss address in the document."""
        addresses = [*self._sockets]
        addresses += [a.removesuffix("/") if a.endswith("/") else f"{a}/" for a in self._sockets]
        return self._verdict(addresses, request, self._socket)

    def knows(self, account: str) -> bool:
        """Whether an account's calls are ours."""
        return not self._account or account == self._account

    def _verdict(self, addresses: Sequence[str], request: Signed, shown: str) -> Verdict:
        try:
            why = self._objection(addresses, request)
        except Exception as error:  # odd input makes the SDK raise whatever it likes: none of it is authentic
            logger.debug("A signature could not be checked", exc_info=True)
            why = f"the check failed with {type(error).__name__}"
        return _AUTHENTIC if why is None else Verdict(False, without_values(shown), why)

    def _objection(self, addresses: Sequence[str], request: Signed) -> str | None:
        if not self._validators[HMAC_SHA1] and not self._validators[HMAC_SHA256]:
            return "TWILIO_AUTH_TOKEN is not set, so nothing can be believed"
        if not request.signature:
            return "it carries no signature"
        if request.json and not _body_is_as_announced(request):
            return "its JSON body is not the one announced in bodySHA256"
        algorithm = get_signature_algorithm(request.settings).upper()
        validators = self._validators.get(algorithm)
        if not validators:
            return f"it is signed by {algorithm[:32]!r}, for which no key is set"
        given = request.signature.encode("utf-8", "surrogateescape")
        fields = None if request.json else request.fields
        for address in addresses:
            for validator in validators:
                computed = validator.compute_signature(address, fields, algorithm)
                if hmac.compare_digest(computed.encode(), given):
                    return None
        return "the signature is not that of the address checked: is PUBLIC_URL what the carrier was given?"


def without_values(address: str) -> str:
    """An address as it may be logged: its query reduced to the names, without credentials or control characters."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "(not an address)"
    names = "&".join(sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}))
    shown = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=names, fragment=""))
    return "".join(character if character.isprintable() else "?" for character in shown)[:300]


def _body_is_as_announced(request: Signed) -> bool:
    query = Fields(parse_qsl(urlsplit(request.target).query))
    announced = query.first("bodySHA256")
    computed = hashlib.sha256(request.body).hexdigest()
    return bool(announced) and hmac.compare_digest(computed.encode(), announced.lower().encode())


def _ways_to_write(address: str) -> tuple[str, ...]:
    """The address as given, without credentials, in lower case, and with or without a port that is understood."""
    parts = urlsplit(address)
    user, at, place = parts.netloc.rpartition("@")
    ways: dict[str, None] = {}
    for credentials in (user + at, ""):
        for name in (place, place.lower()):
            for netloc in _with_and_without_port(parts, name):
                ways[urlunsplit(parts._replace(netloc=credentials + netloc))] = None
    return tuple(ways)


def _with_and_without_port(parts: SplitResult, place: str) -> tuple[str, ...]:
    default = _DEFAULT_PORTS.get(parts.scheme)
    if parts.port is None:
        return (place, f"{place}:{default}") if default else (place,)
    if parts.port == default:
        return (place, place.rpartition(":")[0])
    return (place,)
