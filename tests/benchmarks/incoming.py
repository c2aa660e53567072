"""How many calls a second are answered, beside a bare view under the same gunicorn settings, in turns."""

import time
from collections.abc import Iterator
from itertools import count
from statistics import median
from urllib.parse import urlencode, urlsplit

import psutil

from app.commands.rehearsal import PUBLIC_URL
from app.simulator.carrier import Carrier
from app.simulator.sids import new_sid
from app.simulator.signature import signature
from tests.benchmarks.bare import bare_server
from tests.benchmarks.figures import Figure, share
from tests.benchmarks.hammer import Blow, hammer
from tests.drill.world import World

CONNECTIONS = 16
_CALLERS = 40
_PATH = "/voice/incoming"
_QUIET_SHARE = 10.0
_QUIET_SECONDS = 15.0
_AHEAD = 3_000


def measure(running: World, blocks: int = 9, seconds: float = 2.0) -> list[Figure]:
    """Blocks of ours and of the bare view's in turns; medians over the blocks, the ratio pair by pair."""
    ours, bare = [], []
    with bare_server() as url:
        requests = signed_requests(running.carrier)
        for address in (running.url, url):
            hammer(_address(address), requests, connections=CONNECTIONS, seconds=1.5)
        for _ in range(blocks):
            _wait_until_quiet(running)
            ours.append(hammer(_address(running.url), _ready(requests), connections=CONNECTIONS, seconds=seconds))
            _wait_until_quiet(running)
            bare.append(hammer(_address(url), _ready(requests), connections=CONNECTIONS, seconds=seconds))
    refused = sum(blow.refused for blow in (*ours, *bare))
    if refused:
        raise RuntimeError(f"{refused} requests were not answered with 200")
    return _figures(ours, bare)


def _figures(ours: list[Blow], bare: list[Blow]) -> list[Figure]:
    group = f"POST {_PATH}, {CONNECTIONS} at once"
    ratio = median(a.rate / b.rate for a, b in zip(ours, bare, strict=True))
    return [
        Figure(group, "ours", median(blow.rate for blow in ours), "req/s"),
        Figure(group, "bare Flask view", median(blow.rate for blow in bare), "req/s"),
        Figure(group, "ours ÷ bare", ratio, "", "at least", 0.25, "stretch 0.33"),
        Figure(group, "p99, ours", median(share(blow.latencies, 0.99) for blow in ours) * 1000, "ms"),
        Figure(group, "p99, bare", median(share(blow.latencies, 0.99) for blow in bare) * 1000, "ms"),
    ]


def signed_requests(carrier: Carrier) -> Iterator[bytes]:
    """Calls from some numbers in turn, each with a SID of its own, signed as the carrier signs them."""
    settings = carrier.exchange.settings
    for number in count():
        caller = f"+1202557{number % _CALLERS:04d}"
        fields = [
            ("CallSid", new_sid("CA")), ("AccountSid", settings.account_sid), ("From", caller),
            ("To", settings.number), ("Caller", caller), ("Called", settings.number), ("CallStatus", "ringing"),
            ("ApiVersion", "2010-04-01"), ("Direction", "inbound"),
        ]  # fmt: skip
        yield _request(fields, signature(settings.auth_token, PUBLIC_URL + _PATH, fields))


def _request(fields: list[tuple[str, str]], signed: str) -> bytes:
    body = urlencode(fields).encode()
    head = (
        f"POST {_PATH} HTTP/1.1\r\nHost: {urlsplit(PUBLIC_URL).netloc}\r\n"
        "User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
        f"X-Forwarded-Proto: https\r\nX-Twilio-Signature: {signed}\r\n"
        f"I-Twilio-Idempotency-Token: {new_sid('')}\r\n"
        f"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _ready(requests: Iterator[bytes]) -> Iterator[bytes]:
    """The next requests, the first of them signed beforehand, so that signing does not hold up the generator."""
    ahead = [next(requests) for _ in range(_AHEAD)]
    yield from ahead
    yield from requests


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def _wait_until_quiet(running: World) -> None:
    """Waits until the server's followers have caught up, so that they do not slow the next block down."""
    processes = running.processes()
    deadline = time.monotonic() + _QUIET_SECONDS
    for process in processes:
        process.cpu_percent(None)
    while time.monotonic() < deadline:
        time.sleep(0.3)
        if sum(process.cpu_percent(None) for process in processes if _runs(process)) < _QUIET_SHARE:
            return


def _runs(process: psutil.Process) -> bool:
    return process.is_running()
