"""What the environment and `.env` may say, and what is said back when they are wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.settings import Settings, SettingsError, is_loopback

TOKEN = "0123456789abcdef0123456789abcdef"


def refused(**environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environ)
    return caught.value


def test_with_nothing_set_everything_has_a_default_that_works_on_a_laptop() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.speech_engine) == ("127.0.0.1", 5000, "vosk")
    assert settings.redis_url is None


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"PORT=5005\nHOST=0.0.0.0\nTWILIO_AUTH_TOKEN={TOKEN} # from the console\nPUBLIC_URL=\n")
    settings = Settings.from_environment({"PORT": "6000"}, dotenv)
    assert (settings.port, settings.host) == (6000, "0.0.0.0")
    assert settings.twilio_auth_token == TOKEN
    assert settings.public_url is None


def test_a_missing_file_is_no_mistake(tmp_path: Path) -> None:
    assert Settings.from_environment({}, tmp_path / ".env") == Settings()


def test_every_mistake_is_reported_at_once_with_a_hint() -> None:
    problems = refused(PORT="five", PUBLIC_URL="http://shop.example", CLOCK="noon", WORKSPACE="Ice Cream").problems
    assert {problem.name for problem in problems} == {"PORT", "PUBLIC_URL", "CLOCK", "WORKSPACE"}
    assert all(problem.hint for problem in problems)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "٥٠٠٠"),
        ("HOST", "my host"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://[broken"),
        ("PUBLIC_URL", "https://shop.example/voice/incoming"),
        ("MEDIA_URL", "https://shop.example/media"),
        ("REDIS_URL", "localhost:6379"),
        ("RQ_REDIS_URL", "redis://host:port"),
        ("DATABASE_URL", "mysql://db/history"),
        ("CLOCK", "2026-03-07T09:30:00"),
        ("TWILIO_ACCOUNT_SID", "SK0123456789abcdef0123456789abcdef"),
        ("TWILIO_CALLER_ID", "(555) 010-0200"),
        ("TWILIO_API_URL", "api.twilio.com"),
        ("SPEECH_ENGINE", "magic"),
        ("ADMIN_PASSWORD", "1234"),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(name: str, wrong: str) -> None:
    (problem,) = refused(**{name: wrong}).problems
    assert problem.name == name
    assert wrong not in problem.problem


def test_secrets_are_shown_neither_in_messages_nor_in_the_settings_themselves() -> None:
    secret = "hunter2 with a space"
    assert secret not in str(refused(TWILIO_AUTH_TOKEN=secret))
    settings = Settings.from_environment(
        {
            "TWILIO_AUTH_TOKEN": TOKEN,
            "ADMIN_PASSWORD": "correct horse",
            "REDIS_URL": "redis://:hunter2@redis.example:6379/0",
            "TWILIO_CALLER_ID": "+15550100200",
        }
    )
    for hidden in (TOKEN, "correct horse", "hunter2", "15550100200"):
        assert hidden not in repr(settings)
    assert "redis.example:6379" in repr(settings)
    assert settings.twilio_auth_token == TOKEN


def test_a_child_process_reads_the_same_settings_whatever_its_own_file_says(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("PORT=9999\nREDIS_URL=redis://elsewhere:1/0\n")
    settings = Settings(
        data_dir=tmp_path,
        port=5001,
        config_path=tmp_path / "shop.yaml",
        clock=datetime(2026, 3, 7, 14, 30, tzinfo=UTC),
        twilio_auth_token=TOKEN,
    )
    assert Settings.from_environment(settings.to_environment(), dotenv) == settings


def test_the_scripted_recognizer_listens_on_loopback_only() -> None:
    assert Settings.from_environment({"SPEECH_ENGINE": "scripted"}).speech_engine == "scripted"
    assert "loopback" in str(refused(SPEECH_ENGINE="scripted", HOST="0.0.0.0"))


@pytest.mark.parametrize(
    ("host", "loopback"), [("localhost", True), ("::1", True), ("0.0.0.0", False), ("shop", False)]
)
def test_loopback_is_known_by_any_of_its_names(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_history_is_kept_in_the_data_folder_unless_a_database_is_named(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).sqlalchemy_url() == f"sqlite:///{tmp_path}/switchboard.db"
    named = "postgresql+psycopg://shop@db/history"
    assert Settings(database_url=named).sqlalchemy_url() == named


def test_the_example_file_names_every_setting_and_is_valid(tmp_path: Path) -> None:
    example = Path(__file__).parents[1] / ".env.example"
    text = example.read_text(encoding="utf-8")
    assert Settings.from_environment({}, example) == Settings()
    for name in Settings().to_environment():
        assert f"\n{name}=" in text or f"\n# {name}=" in text, f"{name} is not explained in .env.example"
