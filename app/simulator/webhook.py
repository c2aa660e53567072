"""Sends webhooks: signs the public URL, connects to the mapped address, and fails and retries as the carrier does."""

import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import requests

from app.simulator.addresses import AddressBook, Unreachable
from app.simulator.overrides import Overrides
from app.simulator.signature import signature

MAX_REDIRECTS: Final = 10
MAX_REPLY_BYTES: Final = 32 * 1024 * 1024
SLOW_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """One webhook: `standard` describes the call, `extra` the occasion; only the former survives a redirect."""

    url: str
    method: str = "POST"
    standard: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    sid: str = ""
    purpose: str = "twiml"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered, and where (after redirects)."""

    status: int
    content_type: str
    body: bytes
    url: str
    method: str


@dataclass(frozen=True, slots=True)
class WebhookRecord:
    """One webhook as it went: status 0 means that no answer came, `error` says why."""

    started: float
    sid: str
    purpose: str
    method: str
    url: str
    status: int
    seconds: float
    error: str = ""

    @property
    def path(self) -> str:
        """The path that was asked for."""
        return urlsplit(self.url).path


class WebhookFailed(Exception):
    """No usable answer; `code` is the carrier's error number."""

    def __init__(self, code: int, url: str, text: str) -> None:
        super().__init__(f"{code} {url}: {text}")
        self.code = code
        self.url = url
        self.text = text


class _Broken(Exception):
    """One attempt failed: `policy` is the word by which an override would allow a retry."""

    def __init__(self, policy: str, failure: WebhookFailed) -> None:
        super().__init__(str(failure))
        self.policy = policy
        self.failure = failure


class Journal:
    """Every webhook that was sent, for results and drills."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: list[WebhookRecord] = []

    def add(self, record: WebhookRecord) -> None:
        """Append one."""
        with self._lock:
            self._records.append(record)

    def all(self) -> tuple[WebhookRecord, ...]:
        """Everything so far, in the order of completion."""
        with self._lock:
            return tuple(self._records)


class Web:
    """The carrier's side of HTTP for one call: one session, which keeps the call's cookies."""

    def __init__(self, auth_token: str, addresses: AddressBook, journal: Journal) -> None:
        self._auth_token = auth_token
        self._addresses = addresses
        self._journal = journal
        self._lock = threading.Lock()
        self._cookies: dict[str, str] = {}
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        """Let go of the session's connections."""
        self._session.close()

    def send(self, request: Request) -> Reply:
        """Send a webhook and return its 2xx answer; raises WebhookFailed."""
        overrides = Overrides.of(request.url)
        token = str(uuid.uuid4())
        for attempts_left in range(overrides.retries, -1, -1):
            try:
                return self._attempt(request, overrides, token)
            except _Broken as broken:
                if attempts_left == 0 or not overrides.retry_on(broken.policy):
                    raise broken.failure from broken
        raise AssertionError("the last attempt either returns or raises")

    def _attempt(self, request: Request, overrides: Overrides, token: str) -> Reply:
        """One attempt with its redirects: a redirect is followed by GET, and what was typed is not sent again."""
        for _ in range(MAX_REDIRECTS + 1):
            reply, location = self._exchange(request, overrides, token)
            if not location:
                return reply
            request = replace(request, url=urljoin(request.url, location), method="GET", extra={})
        raise _Broken("never", WebhookFailed(11215, request.url, "more than 10 redirects"))

    def _exchange(self, request: Request, overrides: Overrides, token: str) -> tuple[Reply, str]:
        started = time.monotonic()
        status, error = 0, ""
        try:
            reply, location = self._ask(request, overrides, token, started)
            status = reply.status
            if not location and not 200 <= status < 300:
                raise _Broken(f"{status // 100}xx", WebhookFailed(11200, request.url, f"the server answered {status}"))
            return reply, location
        except _Broken as broken:
            error = str(broken)
            raise
        finally:
            seconds = time.monotonic() - started
            self._journal.add(
                WebhookRecord(
                    started,
                    request.sid,
                    request.purpose,
                    request.method,
                    request.url,
                    status,
                    round(seconds, 4),
                    error,
                )
            )

    def _ask(self, request: Request, overrides: Overrides, token: str, started: float) -> tuple[Reply, str]:
        url, body = _with_fields(request)
        try:
            response = self._session.request(
                request.method,
                self._addresses.connectable(url),
                data=urlencode(body).encode() if request.method == "POST" else None,
                headers=self._headers(url, request.method, body, token),
                timeout=(overrides.connect_seconds, overrides.read_seconds),
                allow_redirects=False,
                stream=True,
            )
            with response:
                content = _read(response, started + overrides.total_seconds)
        except Unreachable as error:
            raise _Broken("never", WebhookFailed(11210, request.url, str(error))) from error
        except requests.ConnectTimeout as error:
            raise _Broken("ct", WebhookFailed(11205, request.url, "connecting took too long")) from error
        except (requests.ReadTimeout, TimeoutError) as error:
            raise _Broken("rt", WebhookFailed(11205, request.url, "the answer took too long")) from error
        except requests.RequestException as error:
            raise _Broken("ct", WebhookFailed(11205, request.url, f"no connection: {error}")) from error
        with self._lock:
            self._cookies.update(response.cookies.get_dict())
        location = response.headers.get("Location", "") if 300 <= response.status_code < 400 else ""
        kind = response.headers.get("Content-Type", "")
        return Reply(response.status_code, kind, content, url, request.method), location

    def _headers(self, url: str, method: str, body: list[tuple[str, str]], token: str) -> Mapping[str, str]:
        headers = {
            "Host": self._addresses.host_header(url),
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "Connection": "close",  # a kept connection may close under the next webhook, which no carrier would show
            "X-Forwarded-Proto": "https",
            "X-Twilio-Signature": signature(self._auth_token, url, body),
            "I-Twilio-Idempotency-Token": token,
        }
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        with self._lock:
            if self._cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return headers


def _with_fields(request: Request) -> tuple[str, list[tuple[str, str]]]:
    """The URL without fragment and the form body; a GET carries the fields in its query and has no body."""
    url = request.url.partition("#")[0]
    fields = [*request.standard.items(), *request.extra.items()]
    if request.method == "POST" or not fields:
        return url, fields
    known = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    query = urlencode([(name, value) for name, value in fields if name not in known])
    return f"{url}{'&' if urlsplit(url).query else '?'}{query}", []


def _read(response: requests.Response, deadline: float) -> bytes:
    """Read an answer, but neither beyond the total time nor without bounds."""
    content = bytearray()
    for piece in response.iter_content(65536):
        content += piece
        if time.monotonic() > deadline:
            raise TimeoutError
        if len(content) > MAX_REPLY_BYTES:
            break
    return bytes(content)
