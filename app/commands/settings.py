"""Reads the settings for a command, and finds what a running server of this folder uses."""

import json
import os
from dataclasses import replace
from pathlib import Path

from app.commands.failures import WrongInput
from app.settings import Settings, SettingsError

DOTENV = Path(".env")
RUNNING = "run/server.json"


def read_settings(**changes: object) -> Settings:
    """The settings of the environment and `.env`, with a command's own options over them."""
    try:
        settings = Settings.from_environment(os.environ, DOTENV)
    except SettingsError as error:
        raise WrongInput(str(error)) from error
    return replace(settings, **{name: value for name, value in changes.items() if value is not None})  # type: ignore[arg-type]


def remember_running(settings: Settings) -> None:
    """Lets other commands find this server's Redis while it runs; readable by the owner alone."""
    path = settings.data_dir / RUNNING
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"redis_url": settings.redis_url, "port": settings.port}))


def of_running_server() -> Settings:
    """The settings with the Redis of the server that runs from this folder."""
    settings = read_settings()
    if settings.redis_url:
        return settings
    path = settings.data_dir / RUNNING
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        raise WrongInput(
            f"{path}: no server has been started with this data folder. Start it (`switchboard serve`), "
            "or set REDIS_URL or DATA_DIR to those of the running one."
        ) from None
    return replace(settings, redis_url=found["redis_url"], port=found["port"])
