"""Audio is served by name, once, and nothing else is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.telephony.twilio.audio import create_audio


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    for name in ("ours/music.wav", "owners/music.wav", "owners/sub/other.mp3", "secret.wav", "owners/.hidden.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "owners/notes.txt").write_text("private")
    (tmp_path / "owners/link.wav").symlink_to(tmp_path / "secret.wav")
    app = Flask("audio")
    app.register_blueprint(create_audio([tmp_path / "owners", tmp_path / "ours", tmp_path / "none"]))
    with app.test_client() as client:
        yield client


def get(client: FlaskClient, name: str, **headers: str) -> tuple[int, bytes, str | None, str | None]:
    with client.get(
        f"/audio/{name}", headers={key.replace("_", "-"): value for key, value in headers.items()}
    ) as answer:
        return answer.status_code, answer.data, answer.headers.get("ETag"), answer.headers.get("Cache-Control")


def test_the_owners_file_comes_before_ours(client: FlaskClient) -> None:
    assert get(client, "music.wav")[:2] == (200, b"owners/music.wav")
    assert get(client, "sub/other.mp3")[:2] == (200, b"owners/sub/other.mp3")


def test_the_carrier_may_keep_it_and_ask_whether_it_changed(client: FlaskClient) -> None:
    status, _, tag, caching = get(client, "music.wav")
    assert status == 200
    assert caching is not None
    assert "max-age=3600" in caching
    assert tag is not None
    assert get(client, "music.wav", If_None_Match=tag)[:2] == (304, b"")


def test_it_is_said_to_be_audio(client: FlaskClient) -> None:
    with client.get("/audio/music.wav") as wav, client.get("/audio/sub/other.mp3") as mp3:
        assert (wav.mimetype, mp3.mimetype) == ("audio/wav", "audio/mpeg")


OUTSIDE = [
    "../secret.wav", "%2e%2e/secret.wav", "sub/../../secret.wav", "..%2fsecret.wav", "..\\secret.wav", "/etc/x.wav",
    "//etc/x.wav", "link.wav", ".hidden.wav", "notes.txt", "none.wav", "sub", "sub/", "", "music.wav%00.mp3",
    "x" * 5000 + ".wav",
]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE, ids=range(len(OUTSIDE)))
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert get(client, name)[0] == 404


def test_nothing_can_be_written(client: FlaskClient) -> None:
    assert client.post("/audio/music.wav").status_code == 405
