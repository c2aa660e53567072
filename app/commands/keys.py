"""`switchboard keys`: API keys, by which programs use the TaskRouter API without the account's own token."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.bootstrap.installation import Installation
from app.commands.failures import AnswerIsNo, WrongInput
from app.ports.store import StoreUnavailable
from app.settings import Settings
from app.web.taskrouter.auth import ApiKey, ApiKeys


def _keys(settings: Settings) -> ApiKeys:
    try:
        installation = Installation(settings)
        installation.store.ping()
    except (StoreUnavailable, ValueError) as error:
        raise WrongInput(
            f"the running server's Redis cannot be reached ({error}). Is `switchboard serve` running?"
        ) from (error)
    return ApiKeys(installation.store, installation.clock)


def create(settings: Settings, name: str) -> tuple[ApiKey, str]:
    """A new key and its secret, which is shown once."""
    return _keys(settings).create(name)


def listed(settings: Settings) -> Sequence[dict[str, str]]:
    """Every key, oldest first; secrets are not kept."""
    return [
        {"sid": key.sid, "name": key.name, "created": datetime.fromtimestamp(key.created / 1000, UTC).isoformat()}
        for key in _keys(settings).all()
    ]


def revoke(settings: Settings, sid: str) -> None:
    """Takes a key out of use at once; raises AnswerIsNo if there is none."""
    if not _keys(settings).revoke(sid):
        raise AnswerIsNo(f"{sid}: there is no such key. `switchboard keys list` shows them.")
