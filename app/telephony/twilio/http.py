"""Carries the SDK's requests: time-outs on each, retries only where safe, one kind of error."""

import json
import logging
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from urllib3.exceptions import MaxRetryError, NewConnectionError

from app.telephony.twilio.addresses import is_loopback

logger = logging.getLogger(__name__)

TRIES = 3
_TIMEOUT = (5.0, 5.0)
_FIRST_WAIT = 0.25
_LONGEST_WAIT = 5.0
_POOL = 16
_MANY_DIGITS = re.compile(r"\+?\d{7,}")


class CarrierError(Exception):
    """The carrier refused, or nobody knows. `status` 0: no answer came; `code` is the carrier's own number for it.

    `happened`: the request may have taken effect all the same. The text holds no phone number.
    """

    def __init__(self, status: int, code: int, reason: str, *, happened: bool) -> None:
        super().__init__(without_numbers(reason))
        self.status = status
        self.code = code
        self.happened = happened


@dataclass(frozen=True, slots=True)
class Retry:
    """How long to wait between tries; both are handed in so that tests need no time."""

    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def wait(self, attempt: int, asked_for: str | None) -> None:
        """Waits longer each time, never in step with others; at least as long as the carrier asks, within reason."""
        seconds = _FIRST_WAIT * 2**attempt * (0.5 + self.chance())
        if asked_for and asked_for.isascii() and asked_for.isdigit():
            seconds = max(seconds, float(asked_for[:6]))
        self.sleep(min(seconds, _LONGEST_WAIT))


class CarrierHttp(HttpClient):  # type: ignore[misc]
    """The SDK's way out. `api_url` (empty: the carrier's own) takes the place of its host.

    429 was never processed, so it may always be sent again; a failure that leaves it open whether the request took
    effect is repeated only for requests that may take effect twice.
    """

    def __init__(
        self, api_url: str = "", *, timeout: tuple[float, float] = _TIMEOUT, retry: Retry | None = None
    ) -> None:
        super().__init__(logger, False, timeout[1])
        self._api = urlsplit(api_url) if api_url else None
        self._timeout = timeout
        self._retry = retry or Retry()
        self._local = threading.local()

    def request(  # noqa: PLR0913, PLR0917 # the SDK calls it so
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Sends one request of the SDK; only success comes back."""
        prepared = requests.Request(
            method.upper(), self._address(uri), headers=headers, params=params, data=data, auth=auth
        )
        answer = self._deliver(prepared, again=may_repeat(method, uri))
        if not 200 <= answer.status_code < 300:
            raise _error_of(answer)
        return Response(answer.status_code, _checked(answer), answer.headers)

    def _deliver(self, request: requests.Request, *, again: bool) -> requests.Response:
        """The carrier's answer; `again`: the request may take effect twice."""
        attempt = 0
        while True:
            is_last = attempt == TRIES - 1
            asked_for = None
            try:
                answer = self._send(request)
            except CarrierError as error:
                if is_last or (error.happened and not again):
                    raise
            else:
                if is_last or not _is_worth_another_try(answer.status_code, again):
                    return answer
                asked_for = answer.headers.get("Retry-After")
            self._retry.wait(attempt, asked_for)
            attempt += 1

    def _address(self, uri: str) -> str:
        if self._api is None:
            return uri
        return urlunsplit(urlsplit(uri)._replace(scheme=self._api.scheme, netloc=self._api.netloc))

    def _send(self, request: requests.Request) -> requests.Response:
        session = self.session()
        prepared = session.prepare_request(request)
        settings = session.merge_environment_settings(prepared.url, {}, None, None, None)
        try:
            return session.send(prepared, timeout=self._timeout, allow_redirects=False, **settings)
        except requests.RequestException as error:
            happened = not _never_connected(error)
            raise CarrierError(0, 0, f"no answer: {type(error).__name__}", happened=happened) from error

    def session(self) -> requests.Session:
        """This thread's session: connections are kept open between requests."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            for scheme in ("https://", "http://"):
                session.mount(scheme, HTTPAdapter(pool_maxsize=_POOL))
            # A carrier on this machine is not reached through anybody's proxy.
            session.trust_env = self._api is None or not is_loopback(self._api.hostname or "")
            self._local.session = session
        return session


def may_repeat(method: str, uri: str) -> bool:
    """Whether a request may take effect twice: all but those that make something new.

    …/Accounts/AC1/Calls/CA1.json changes that call, …/Accounts/AC1/Calls.json makes a new one.
    """
    if method.upper() != "POST":
        return True
    parts = urlsplit(uri).path.strip("/").split("/")
    if "Accounts" not in parts:
        return False
    below_account = parts[parts.index("Accounts") + 2 :]
    return len(below_account) % 2 == 0


def without_numbers(text: str) -> str:
    """A text without anything that could be a phone number, and not longer than a log line should be."""
    return _MANY_DIGITS.sub("(number)", text)[:300]


def _never_connected(error: requests.RequestException) -> bool:
    """Whether a failure came before anything could be sent."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _is_worth_another_try(status: int, again: bool) -> bool:
    return status == 429 or (status >= 500 and again)


def _error_of(answer: requests.Response) -> CarrierError:
    """What the carrier says went wrong; an HTML page or nothing at all says as much as its status."""
    try:
        content = json.loads(answer.text)
    except ValueError:
        content = None
    details = content if isinstance(content, dict) else {}
    code = details.get("code")
    reason = str(details.get("message") or f"HTTP {answer.status_code}")
    return CarrierError(
        answer.status_code,
        code if isinstance(code, int) and not isinstance(code, bool) else 0,
        reason,
        happened=answer.status_code >= 500,
    )


def _checked(answer: requests.Response) -> str:
    """The text of a success, which the SDK will take for JSON."""
    if answer.status_code == 204 or not answer.text:
        return answer.text
    try:
        json.loads(answer.text)
    except ValueError as error:
        raise CarrierError(answer.status_code, 0, "an answer that is not JSON", happened=True) from error
    return answer.text
