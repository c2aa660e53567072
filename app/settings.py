"""The settings of one installation: the environment and `.env`, read once into a frozen value."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from dotenv import dotenv_values

SECRET = {"secret": True}
DEFAULT_TWILIO_API = "https://api.twilio.com"
_HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that cannot be used, why, and what to do about it; never shows a value."""

    name: str
    problem: str
    hint: str

    def __str__(self) -> str:
        return f"{self.name}: {self.problem}. {self.hint}"


class SettingsError(Exception):
    """The environment or `.env` is wrong; `problems` holds every mistake found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """Everything that differs between installations; what the business wants is in its own file."""

    config_path: Path | None = None  # None: the packaged example, with a warning
    overlay_path: Path | None = None  # laid over the owner's file, for trying things out
    data_dir: Path = Path("var")
    workspace: str = "main"
    host: str = "127.0.0.1"
    port: int = 5000  # 0: any free port
    public_url: str | None = None  # None: asked of a running ngrok
    media_url: str | None = None  # None: `/media` under the public URL
    redis_url: str | None = None  # None: a Redis of our own
    rq_redis_url: str | None = None  # None: the same as redis_url
    database_url: str | None = None  # None: SQLite in the data folder
    retention_days: int = 30  # personal data of calls is erased after so many days; 0: never
    clock: datetime | None = None  # the instant at which time starts; None: the system's clock
    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = field(default=None, metadata=SECRET)
    twilio_next_auth_token: str | None = field(default=None, metadata=SECRET)
    twilio_shared_key: str | None = field(default=None, metadata=SECRET)
    twilio_caller_id: str | None = field(default=None, metadata=SECRET)
    twilio_api_url: str = DEFAULT_TWILIO_API
    speech_engine: str = "vosk"
    vosk_model: str | None = None  # a folder or a model's name; None: the one in the box
    sentiment_model: str | None = None  # likewise
    admin_password: str | None = field(default=None, metadata=SECRET)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], dotenv_path: Path | None = None) -> "Settings":
        """Settings of the environment, completed by the file; an empty value counts as not set.

        Raises SettingsError with every problem at once.
        """
        given = {**_read_dotenv(dotenv_path), **environ}
        values: dict[str, object] = {}
        problems: list[Problem] = []
        for name, (attribute, parse, hint) in _PARSERS.items():
            text = given.get(name, "").strip()
            if not text:
                continue
            try:
                values[attribute] = parse(text)
            except ValueError as error:
                problems.append(Problem(name, str(error), hint))
        if values.get("speech_engine") == "scripted" and not is_loopback(str(values.get("host", "127.0.0.1"))):
            hint = "Use SPEECH_ENGINE=vosk, or HOST=127.0.0.1."
            problems.append(Problem("SPEECH_ENGINE", "the scripted recognizer is for tests on loopback only", hint))
        if problems:
            raise SettingsError(tuple(problems))
        return cls(**values)  # type: ignore[arg-type] # each parser returns its field's type

    def to_environment(self) -> dict[str, str]:
        """The variables from which a child process reads these same settings; what is not set is left empty.

        Empty rather than absent, so that a child's `.env` does not answer for what the parent left out.
        """
        return {name: _as_text(getattr(self, attribute)) for name, (attribute, _, _) in _PARSERS.items()}

    def sqlalchemy_url(self) -> str:
        """Where history is kept."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'switchboard.db'}"

    def __repr__(self) -> str:
        shown = (f"{item.name}={self._masked(item.name, dict(item.metadata))!r}" for item in fields(self))
        return f"Settings({', '.join(shown)})"

    def _masked(self, name: str, metadata: Mapping[str, object]) -> object:
        value = getattr(self, name)
        if value is not None and metadata == SECRET:
            return _HIDDEN
        return without_password(value) if name.endswith("_url") and value else value


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def without_password(url: str) -> str:
    """The URL as it may be shown: its password replaced."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user, _, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:{_HIDDEN}@{place}"))


def _read_dotenv(path: Path | None) -> dict[str, str]:
    if path is None or not path.is_file():
        return {}
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value.absolute() if isinstance(value, Path) else value)


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 36_500:
        raise ValueError("is not a number of days")
    return int(text)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise ValueError("is not a port number")
    return int(text)


def _clock(text: str) -> datetime | None:
    if text == "system":
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is neither 'system' nor an instant") from None
    if instant.tzinfo is None:
        raise ValueError("names a time of day without its offset from UTC")
    return instant


def _url(*schemes: str, path: bool = True) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            host = parts.hostname if parts.port is None or parts.port else None
        except ValueError:
            raise ValueError("is not a URL") from None
        if parts.scheme not in schemes:
            raise ValueError(f"does not start with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        if not host and not (parts.path and parts.scheme in _URLS_OF_FILES):
            raise ValueError("names no host")
        if not path and (parts.path.strip("/") or parts.query or parts.fragment):
            raise ValueError("has something after the host")
        return text if path else text.rstrip("/")

    return parse


_URLS_OF_FILES = ("unix", "sqlite")


def _database_url(text: str) -> str:
    scheme = text.partition("://")[0].partition("+")[0]
    if scheme not in ("sqlite", "postgresql") or "://" not in text:
        raise ValueError("is not a database we know")
    return text


def _matching(pattern: str, problem: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(problem)
        return text

    return parse


_secret = _matching(r"\S{8,}", "is shorter than 8 characters or holds a space")
_COPY_AGAIN = "Copy it again from your carrier's console."
_REDIS_HINT = "For example redis://localhost:6379/0; leave it empty to use a Redis of our own."
_API_HINT = f"Leave it empty for Twilio ({DEFAULT_TWILIO_API})."

# Variable → the field it fills, how its text is read, and what to say when it cannot be.
_PARSERS: dict[str, tuple[str, Callable[[str], object], str]] = {
    "SWITCHBOARD_CONFIG": ("config_path", Path, ""),
    "SWITCHBOARD_OVERLAY": ("overlay_path", Path, ""),
    "DATA_DIR": ("data_dir", Path, ""),
    "WORKSPACE": (
        "workspace",
        _matching(r"[a-z0-9][a-z0-9_-]{0,31}", "is not a plain name"),
        "Up to 32 lower-case letters, digits, - and _.",
    ),
    "HOST": (
        "host",
        _matching(r"[0-9A-Za-z.:-]+", "is not an address"),
        "127.0.0.1 is this machine only; 0.0.0.0 is every network.",
    ),
    "PORT": ("port", _port, "A whole number up to 65535, such as 5000."),
    "PUBLIC_URL": ("public_url", _url("https", path=False), "For example https://example.ngrok.app"),
    "MEDIA_URL": ("media_url", _url("wss"), "For example wss://media.example.com/media"),
    "REDIS_URL": ("redis_url", _url("redis", "rediss", "unix"), _REDIS_HINT),
    "RQ_REDIS_URL": ("rq_redis_url", _url("redis", "rediss", "unix"), _REDIS_HINT),
    "DATABASE_URL": (
        "database_url",
        _database_url,
        "sqlite:///file.db or postgresql+psycopg://user:password@host/name",
    ),
    "RETENTION_DAYS": ("retention_days", _days, "A whole number of days; 0 keeps personal data for good."),
    "CLOCK": ("clock", _clock, "Use 'system', or for example 2026-03-07T09:30:00-05:00."),
    "TWILIO_ACCOUNT_SID": (
        "twilio_account_sid",
        _matching(r"AC[0-9a-fA-F]{32}", "is not an account SID"),
        "It is AC and 32 digits or letters a-f.",
    ),
    "TWILIO_AUTH_TOKEN": ("twilio_auth_token", _secret, _COPY_AGAIN),
    "TWILIO_NEXT_AUTH_TOKEN": ("twilio_next_auth_token", _secret, _COPY_AGAIN),
    "TWILIO_SHARED_KEY": ("twilio_shared_key", _secret, _COPY_AGAIN),
    "TWILIO_CALLER_ID": (
        "twilio_caller_id",
        _matching(r"\+[1-9][0-9]{6,14}", "is not a phone number in international form"),
        "A + and digits only, such as +15550100200.",
    ),
    "TWILIO_API_URL": ("twilio_api_url", _url("http", "https", path=False), _API_HINT),
    "SPEECH_ENGINE": (
        "speech_engine",
        _matching("vosk|scripted", "is not a speech engine"),
        "Use vosk (scripted is for tests).",
    ),
    "VOSK_MODEL": ("vosk_model", str, ""),
    "SENTIMENT_MODEL": ("sentiment_model", str, ""),
    "ADMIN_PASSWORD": (
        "admin_password",
        _matching(r".{8,}", "is shorter than 8 characters"),
        "Choose a longer one; leave it empty to have one made.",
    ),
}
