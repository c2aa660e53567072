"""Reads the settings for a command, and finds what a running server of this folder uses."""

import os
from dataclasses import replace
from pathlib import Path

from app.commands.failures import WrongInput
from app.embedded_redis import embedded_redis_url
from app.settings import Settings, SettingsError

DOTENV = Path(".env")


def read_settings(**changes: object) -> Settings:
    """The settings of the environment and `.env`, with a command's own options over them."""
    try:
        settings = Settings.from_environment(os.environ, DOTENV)
    except SettingsError as error:
        raise WrongInput(str(error)) from error
    return replace(settings, **{name: value for name, value in changes.items() if value is not None})  # type: ignore[arg-type]


def of_running_server() -> Settings:
    """The settings with the Redis of the server that runs from this folder."""
    settings = read_settings()
    if settings.redis_url:
        return settings
    return replace(settings, redis_url=embedded_redis_url(settings.data_dir.absolute()))
