"""Reads a webhook: bounded, decoded without surprises, and believed only when its signature is right."""

import logging
import re
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote, unquote_plus, urlsplit

from flask import Request

from app.telephony.twilio.signature import Fields, Gate, Signed

logger = logging.getLogger(__name__)

BODY_BYTES = 256 * 1024
FIELD_COUNT = 1000
_FORM = "application/x-www-form-urlencoded"
_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that gets no answer of ours: its HTTP status, and a word for whoever sent it."""

    status: int
    why: str


_TOO_LARGE = Refused(413, "too large")


def let_in(request: Request, gate: Gate) -> Fields | Refused:
    """The fields of an authentic webhook, those of its body before those of its query."""
    if request.method not in ("GET", "POST"):
        return Refused(405, "GET or POST")
    signed = _read(request)
    if isinstance(signed, Refused):
        return signed
    verdict = gate.check(signed)
    if not verdict.authentic:
        logger.warning("Refused a webhook for %s: %s", verdict.checked, verdict.why)
        return Refused(403, "not signed for this address")
    fields = _all_fields(signed)
    if isinstance(fields, Fields) and not gate.knows(fields.first("AccountSid")):
        logger.warning("Refused a webhook for %s: it is of another account", request.path[:100])
        return Refused(403, "not of this account")
    return fields


def signed_socket(request: Request) -> Signed:
    """The opening of a socket as far as its signature goes."""
    return Signed(target_of(request), _header(request, "X-Twilio-Signature"), _settings(request))


def target_of(request: Request) -> str:
    """The path and query as they came over the wire, still encoded."""
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or "")
    if raw.startswith("/"):
        return raw
    if "://" in raw:
        _, _, rest = raw.partition("://")
        return "/" + rest.partition("/")[2]
    query = request.query_string.decode("latin-1")
    return quote(request.path) + (f"?{query}" if query else "")


def is_sid(text: str) -> bool:
    """Whether a text can be the identity of a call, recording or reservation."""
    return _SID.fullmatch(text) is not None


def _read(request: Request) -> Signed | Refused:
    body = _body(request)
    if isinstance(body, Refused):
        return body
    kind = request.mimetype
    fields = None
    if body and kind == _FORM:
        parsed = _parse(body.decode("utf-8", "replace"))
        if isinstance(parsed, Refused):
            return parsed
        fields = parsed
    elif body and kind != "application/json":
        return Refused(415, "a form is expected")
    signature = _header(request, "X-Twilio-Signature")
    is_json = bool(body) and fields is None
    return Signed(target_of(request), signature, _settings(request), fields, body, is_json)


def _body(request: Request) -> bytes | Refused:
    """The whole body; a GET's is of no interest."""
    if request.method == "GET":
        return b""
    length = request.content_length
    if not length:  # none, or not told
        body = _until_too_large(request.stream)
    elif length > BODY_BYTES:
        return _TOO_LARGE
    else:
        # Every call waits for this: the request's own stream guards against what has been checked already.
        body = request.environ["wsgi.input"].read(length)
    return body if len(body) <= BODY_BYTES else _TOO_LARGE


def _until_too_large(stream: IO[bytes]) -> bytes:
    """A body of unknown length, up to one byte more than is allowed."""
    parts: list[bytes] = []
    room = BODY_BYTES + 1
    while room > 0 and (part := stream.read(room)):
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def _all_fields(signed: Signed) -> Fields | Refused:
    query = _parse(urlsplit("//host" + signed.target).query)
    if isinstance(query, Refused) or signed.fields is None:
        return query
    return signed.fields.over(query) if len(query) else signed.fields


def _parse(text: str) -> Fields | Refused:
    """The fields of a form or query, blank ones too; what is no UTF-8 is replaced."""
    if not text:
        return Fields()
    pieces = text.split("&")
    if len(pieces) > FIELD_COUNT:
        return Refused(413, "too many fields")
    pairs = (piece.partition("=") for piece in pieces if piece)
    return Fields([(_decoded(name), _decoded(value)) for name, _, value in pairs])


def _decoded(text: str) -> str:
    return unquote_plus(text, errors="replace") if "%" in text or "+" in text else text


def _header(request: Request, name: str) -> str:
    return request.headers.get(name, "")


def _settings(request: Request) -> str:
    return _header(request, "X-Twilio-Webhooks-Signature-Settings")
