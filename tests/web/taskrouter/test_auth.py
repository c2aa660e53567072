"""Who may use the API: the account with its token, or an API key; nobody can try them all."""

from dataclasses import replace

import pytest
import requests
from flask import Flask

from app.web.gate import WINDOW_SECONDS, WRONG_ALLOWED
from app.web.taskrouter.auth import ApiKeys
from app.web.taskrouter.blueprint import taskrouter_blueprint
from tests.web.taskrouter.server import ACCOUNT, TOKEN, Api, sdk_of

ANYWHERE = ["/Workspaces", "/Workspaces/WS" + "0" * 32 + "/Tasks", "/nothing/of/the/kind"]


@pytest.fixture
def keys(api: Api) -> ApiKeys:
    """The installation's API keys."""
    return ApiKeys(api.home.store, api.clock)


@pytest.mark.parametrize("path", ANYWHERE)
@pytest.mark.parametrize("auth", [("", ""), (ACCOUNT, ""), (ACCOUNT, "guess"), ("", TOKEN), ("SK" + "0" * 32, TOKEN)])
def test_without_the_right_credentials_nothing_is_told(api: Api, path: str, auth: tuple[str, str]) -> None:
    api.refused(401, 20003, "GET", path, auth=auth)


def test_without_any_credentials_the_client_is_asked_for_them(api: Api) -> None:
    answer = requests.get(f"{api.base_url}/v1/Workspaces", timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_bearer_token_is_no_way_in(api: Api) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = requests.get(f"{api.base_url}/v1/Workspaces", headers=headers, timeout=10)
    assert answer.status_code == 401


def test_an_api_key_opens_until_it_is_revoked(api: Api, keys: ApiKeys) -> None:
    key, secret = keys.create("reporting")
    other, _ = keys.create("other")
    assert [each.name for each in keys.all()] == ["reporting", "other"]
    assert api.http("GET", "/Workspaces", auth=(key.sid, secret)).status_code == 200
    assert keys.revoke(key.sid)
    api.refused(401, 20003, "GET", "/Workspaces", auth=(key.sid, secret))
    assert keys.all() == (other,)
    assert not keys.revoke(key.sid)


def test_the_sdk_works_with_an_api_key(api: Api, keys: ApiKeys) -> None:
    key, secret = keys.create("reporting")
    with sdk_of(api, (key.sid, secret)) as sdk:
        assert [each.sid for each in sdk.taskrouter.v1.workspaces.list()] == [api.home_sid]


def test_a_keys_secret_is_kept_nowhere(api: Api, keys: ApiKeys) -> None:
    key, secret = keys.create("reporting")
    assert secret not in repr(key)
    assert secret not in (api.home.store.noted("taskrouter:keys") or "")


def test_another_keys_secret_does_not_open(api: Api, keys: ApiKeys) -> None:
    key, _ = keys.create("one")
    _, secret = keys.create("two")
    api.refused(401, 20003, "GET", "/Workspaces", auth=(key.sid, secret))


def test_after_ten_wrong_attempts_not_even_the_right_one_opens_for_five_minutes(api: Api) -> None:
    for _ in range(WRONG_ALLOWED):
        api.refused(401, 20003, "GET", "/Workspaces", auth=(ACCOUNT, "guess"))
    api.refused(429, 20429, "GET", "/Workspaces")
    api.clock.advance_seconds(WINDOW_SECONDS + 1)
    assert api.http("GET", "/Workspaces").status_code == 200


def test_an_installation_without_a_token_takes_keys_only(api: Api, keys: ApiKeys) -> None:
    key, secret = keys.create("reporting")
    app = Flask(__name__)
    app.register_blueprint(taskrouter_blueprint(replace(api.services, account="", token="")))
    client = app.test_client()
    assert client.get("/v1/Workspaces", auth=("", "")).status_code == 401
    answer = client.get("/v1/Workspaces", auth=(key.sid, secret))
    assert answer.status_code == 200
    assert answer.get_json()["workspaces"][0]["account_sid"].startswith("AC")
