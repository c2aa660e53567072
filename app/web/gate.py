"""Who may look: sessions by password, programs by bearer key, and both kept from guessing."""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable
from enum import Enum

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from app.ports.store import Store
from app.web.problems import problem

WRONG_ALLOWED = 10
WINDOW_SECONDS = 300
SESSION_SECONDS = 12 * 3600
CSRF_HEADER = "X-CSRF-Token"
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded")


class Entry(Enum):
    """What became of an attempt to show the password."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too many"


class Attempts:
    """Counts what was wrong by the address it came from; `name` keeps one gate's counts from another's."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name

    def judge(self, is_right: Callable[[], bool]) -> Entry:
        """Asks whether the attempt is right, unless too many from the request's address have been wrong."""
        address = _address(request)
        blocked = f"{self._name}:blocked:{address}"
        if self._store.noted(blocked):
            return Entry.TOO_MANY
        if is_right():
            return Entry.RIGHT
        if self._store.count(f"{self._name}:wrong:{address}", WINDOW_SECONDS) >= WRONG_ALLOWED:
            self._store.note(blocked, "1", WINDOW_SECONDS)
        return Entry.WRONG


class Gate:
    """Knows the one password; counts wrong ones in the store, so that all processes count together."""

    def __init__(self, store: Store, password: str) -> None:
        self._attempts = Attempts(store, "gate")
        self._password = password.encode()

    def try_password(self, given: str) -> Entry:
        """Compares in constant time; after ten wrong ones from an address nothing is compared for five minutes."""
        return self._attempts.judge(lambda: hmac.compare_digest(given.encode(), self._password))

    def refusal(self) -> Response | None:
        """None if the request may pass; a request that changes something proves that it comes from our page."""
        if request.authorization is not None:
            return self._refuse_key()
        if session.get("in") is not True:
            return problem(401)
        if request.method not in ("GET", "HEAD") and not csrf_matches(request.headers.get(CSRF_HEADER, "")):
            return problem(403)
        return None

    def _refuse_key(self) -> Response | None:
        shown = request.authorization
        if shown is None or shown.type != "bearer" or not shown.token:
            return problem(401, why="Only bearer keys are taken")
        entry = self.try_password(shown.token)
        if entry is Entry.RIGHT:
            return None
        return problem(429 if entry is Entry.TOO_MANY else 401)


def csrf_token() -> str:
    """The token that our own forms carry; made with the session."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def csrf_matches(given: str) -> bool:
    """Whether this is the session's token."""
    return hmac.compare_digest(given.encode(), str(session.get("csrf", "")).encode()) and bool(given)


def from_this_machine(incoming: Request) -> bool:
    """Whether a request came straight from this machine: not through a tunnel or proxy that runs on it."""
    if any(header in incoming.headers for header in _FORWARDED):
        return False
    host = incoming.host.rsplit(":", 1)[0].strip("[]")
    return _is_loopback(incoming.remote_addr or "") and (host == "localhost" or _is_loopback(host))


def keep_sessions(app: Flask, password: str) -> None:
    """Signs cookies with a key derived from the password: all processes agree, and a new password ends old sessions."""
    app.secret_key = hashlib.scrypt(password.encode(), salt=b"switchboard session", n=2**14, r=8, p=1)
    app.session_interface = _Sessions()
    app.config.update(
        SESSION_COOKIE_NAME="switchboard",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SESSION_SECONDS,
    )


class _Sessions(SecureCookieSessionInterface):
    """Marks the cookie as secure wherever the browser came by https, and works over plain http on a laptop.

    Who brings no cookie, as the carrier does on every request, costs no reading of one.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request) if "HTTP_COOKIE" in request.environ else self.session_class()

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"


def _address(incoming: Request) -> str:
    # Behind a tunnel on this machine everybody has our own address; the tunnel appends the real one.
    direct = incoming.remote_addr or ""
    forwarded = incoming.headers.get("X-Forwarded-For", "")
    return forwarded.rsplit(",", 1)[-1].strip()[:64] if forwarded and _is_loopback(direct) else direct


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
