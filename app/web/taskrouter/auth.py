"""Who may use the TaskRouter API: the account with its token, or a program with an API key of its own."""

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass

from flask import Response, request

from app.ports.clock import Clock
from app.ports.store import Store
from app.web.gate import Attempts, Entry
from app.web.taskrouter.errors import error

_NOTE = "taskrouter:keys"
_SECRET_BYTES = 24


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: never the secret itself."""

    sid: str
    name: str
    salt: str
    digest: str
    created: int


class ApiKeys:
    """The API keys of an installation, in the store of the owner's workspace. One person changes them at a time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(self, name: str) -> tuple[ApiKey, str]:
        """A new key and its secret, which cannot be asked for again."""
        secret, salt = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_hex(16)
        key = ApiKey("SK" + secrets.token_hex(16), name, salt, _digest(salt, secret), self._clock.now())
        self._keep((*self.all(), key))
        return key, secret

    def all(self) -> tuple[ApiKey, ...]:
        """Every key, oldest first."""
        return tuple(ApiKey(**each) for each in json.loads(self._store.noted(_NOTE) or "[]"))

    def revoke(self, sid: str) -> bool:
        """Takes a key out of use; False if there is none of this SID."""
        known = self.all()
        self._keep(tuple(key for key in known if key.sid != sid))
        return any(key.sid == sid for key in known)

    def takes(self, sid: str, secret: str) -> bool:
        """Whether this is the secret of a key in use; takes as long whether or not there is such a key."""
        key = next((each for each in self.all() if each.sid == sid), None)
        digest = _digest(key.salt if key else "", secret)
        return hmac.compare_digest(digest, key.digest if key else _digest("none", "")) and key is not None

    def _keep(self, keys: tuple[ApiKey, ...]) -> None:
        self._store.note(_NOTE, json.dumps([asdict(key) for key in keys]))


class ApiGate:
    """Lets in who shows the account's SID and token, or an API key and its secret; without a token, keys only."""

    def __init__(self, store: Store, keys: ApiKeys, account: str, token: str) -> None:
        self._attempts = Attempts(store, "taskrouter")
        self._keys = keys
        self._account = account
        self._token = token

    def refusal(self) -> Response | None:
        """None if the request may pass."""
        shown = request.authorization
        if shown is None or shown.type != "basic":
            return error(401)
        name, password = shown.username or "", shown.password or ""
        entry = self._attempts.judge(lambda: self._is_right(name, password))
        if entry is Entry.RIGHT:
            return None
        return error(429 if entry is Entry.TOO_MANY else 401)

    def _is_right(self, name: str, password: str) -> bool:
        if name.startswith("SK"):
            return self._keys.takes(name, password)
        known = hmac.compare_digest(name.encode(), self._account.encode())
        return hmac.compare_digest(password.encode(), self._token.encode()) and known and bool(self._token)


def _digest(salt: str, secret: str) -> str:
    # The secret is 192 random bits: nobody can try them all, so a slow hash would only slow every request down.
    return hashlib.sha256(f"{salt}:{secret}".encode()).hexdigest()
