"""Only who knows the password gets in, nobody can guess it, and no other site can act for who is in."""

import pytest
from flask.testing import FlaskClient

from app.web.gate import WINDOW_SECONDS, WRONG_ALLOWED
from tests.builders import FakeClock, a_worker
from tests.web.world import PASSWORD, World, csrf_in

PRIVATE = ["/live", "/api/v1/live", "/api/v1/calls", "/api/v1/calls/CA1", "/api/v1/agents"]


def sign_in(client: FlaskClient, password: str, address: str = "203.0.113.1") -> int:
    token = csrf_in(client.get("/login").get_data(as_text=True))
    answer = client.post("/login", data={"csrf": token, "password": password}, environ_base={"REMOTE_ADDR": address})
    return answer.status_code


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("path", PRIVATE)
def test_without_key_or_session_nothing_private_is_told(place: World, path: str) -> None:
    answer = place.app.test_client().get(path)
    assert answer.status_code == 401


def test_the_live_page_asks_for_the_password_first(place: World) -> None:
    answer = place.app.test_client().get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login")


def test_the_password_opens_a_session_and_signing_out_ends_it(place: World) -> None:
    client = place.signed_in()
    page = client.get("/")
    assert page.status_code == 200
    assert client.post("/logout", data={"csrf": csrf_in(page.get_data(as_text=True))}).status_code == 303
    assert client.get("/").status_code == 302
    assert client.get("/api/v1/live").status_code == 401


def test_a_wrong_password_opens_nothing(place: World) -> None:
    client = place.app.test_client()
    assert sign_in(client, "guess") == 401
    assert client.get("/").status_code == 302


def test_the_key_is_taken_as_a_bearer_token(place: World) -> None:
    client = place.app.test_client()
    assert client.get("/api/v1/live", headers=bearer(PASSWORD)).status_code == 200
    assert client.get("/api/v1/live", headers=bearer("guess")).status_code == 401
    assert client.get("/api/v1/live", headers={"Authorization": "Basic YTpi"}).status_code == 401


def test_after_ten_wrong_passwords_even_the_right_one_waits(place: World, clock: FakeClock) -> None:
    client = place.app.test_client()
    assert [sign_in(client, "guess") for _ in range(WRONG_ALLOWED)] == [401] * WRONG_ALLOWED
    assert sign_in(client, PASSWORD) == 429
    assert sign_in(place.app.test_client(), PASSWORD, address="203.0.113.2") == 303
    clock.advance_seconds(WINDOW_SECONDS + 1)
    assert sign_in(client, PASSWORD) == 303


def test_keys_cannot_be_guessed_either(place: World) -> None:
    client = place.app.test_client()
    for _ in range(WRONG_ALLOWED):
        client.get("/api/v1/live", headers=bearer("guess"))
    assert client.get("/api/v1/live", headers=bearer(PASSWORD)).status_code == 429


def test_behind_a_tunnel_guessers_are_told_apart(place: World) -> None:
    client = place.app.test_client()
    for _ in range(WRONG_ALLOWED):
        headers = {**bearer("guess"), "X-Forwarded-For": "198.51.100.7, 203.0.113.1"}
        client.get("/api/v1/live", headers=headers)
    other = {**bearer(PASSWORD), "X-Forwarded-For": "203.0.113.2"}
    assert client.get("/api/v1/live", headers=other).status_code == 200


def test_a_form_without_our_token_is_refused(place: World) -> None:
    client = place.app.test_client()
    client.get("/login")
    assert client.post("/login", data={"password": PASSWORD}).status_code == 400
    assert client.post("/login", data={"password": PASSWORD, "csrf": ""}).status_code == 400
    assert place.signed_in().post("/logout", data={"csrf": "other"}).status_code == 403


def test_a_session_needs_our_token_to_change_anything_and_a_key_does_not(place: World) -> None:
    place.exists(a_worker("alice"))
    client = place.signed_in()
    change = {"activity": "break"}
    assert client.post("/api/v1/agents/alice", json=change).status_code == 403
    token = client.get("/").get_data(as_text=True).split('data-csrf="', 1)[1].split('"', 1)[0]
    assert client.post("/api/v1/agents/alice", json=change, headers={"X-CSRF-Token": token}).status_code == 200
    with_key = place.app.test_client().post("/api/v1/agents/alice", json=change, headers=bearer(PASSWORD))
    assert with_key.status_code == 200


def test_the_cookie_is_for_our_pages_only(place: World) -> None:
    client = place.app.test_client()
    plain = client.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    tunnelled = place.app.test_client().get("/login", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in tunnelled.headers["Set-Cookie"]


def test_pages_run_only_our_own_scripts_and_stay_in_no_cache(place: World) -> None:
    page = place.signed_in().get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    text = page.get_data(as_text=True)
    assert "Unicone &lt;Ice&gt; &amp; Co" in text
    assert "<style" not in text
    assert " onclick" not in text
