"""Sends forms to the owner's programs over HTTP.

The addresses come from whoever may configure workflows here, and may well be private ones: a self-hosted server often
talks to programs beside it. What guards against misuse is that nothing but http and https is spoken, that no redirect
is followed, and that an answer is neither shown to anybody nor read beyond its limit.
"""

import ipaddress
import time
from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import urlsplit

import requests

from app.ports.callbacks import CallbackFailed, Reply

SIGNATURE = "X-Twilio-Signature"
LARGEST_ANSWER = 64 * 1024
_CHUNK = 8 * 1024
_AGENT = "Switchboard/1"

Sign = Callable[[str, Mapping[str, str]], str]


class HttpCallbacks:
    """The way out. `sign` gives the signature of an address and a form ("": none is sent). Safe to share by threads."""

    def __init__(self, sign: Sign) -> None:
        self._sign = sign

    def send(
        self, url: str, fields: Mapping[str, str], *, seconds: float, method: Literal["POST", "GET"] = "POST"
    ) -> Reply:
        """Sends a signed form and returns the answer. Raises `CallbackFailed`."""
        ends = time.monotonic() + seconds
        request = self._prepared(url, fields, method)
        # A session of its own: a connection kept open may be dead by the next time, and nothing is sent twice.
        with requests.Session() as session:
            session.trust_env = False
            try:
                proxies = {} if _is_here(request.url or "") else requests.utils.get_environ_proxies(request.url or "")
                answer = session.send(request, timeout=seconds, allow_redirects=False, stream=True, proxies=proxies)
                body = _read(answer, ends)
            except (requests.RequestException, OSError, ValueError) as error:
                raise CallbackFailed(type(error).__name__) from error
        return Reply(answer.status_code, answer.headers.get("Content-Type", ""), body.decode("utf-8", "replace"))

    def _prepared(self, url: str, fields: Mapping[str, str], method: str) -> requests.PreparedRequest:
        is_form = method == "POST"
        try:
            if urlsplit(url).scheme not in ("http", "https"):
                raise CallbackFailed("the address is neither http nor https")
            request = requests.Request(
                method, url.partition("#")[0], headers={"User-Agent": _AGENT, "Connection": "close"},
                data=dict(fields) if is_form else None, params=None if is_form else dict(fields),
            ).prepare()  # fmt: skip
        except (requests.RequestException, ValueError) as error:
            raise CallbackFailed(type(error).__name__) from error
        signature = self._sign(request.url or "", fields if is_form else {})
        if signature:
            request.headers[SIGNATURE] = signature
        return request


def _read(answer: requests.Response, ends: float) -> bytes:
    """The whole answer, unless it is too long or comes too slowly."""
    body = b""
    for chunk in answer.iter_content(_CHUNK):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise CallbackFailed(f"an answer of more than {LARGEST_ANSWER} bytes")
        if time.monotonic() > ends:
            raise CallbackFailed("the answer took too long")
    return body


def _is_here(url: str) -> bool:
    """Whether an address can only be this machine, which is reached through nobody's proxy."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
