"""The API in the whole application: its errors and limits are its own, and so are those of the pages."""

import json

import pytest
from flask.testing import FlaskClient

from app.web.taskrouter.blueprint import taskrouter_blueprint
from tests.web.taskrouter.server import Api
from tests.web.world import PASSWORD, World


@pytest.fixture
def browser(place: World, api: Api) -> FlaskClient:
    """A client of an application that serves pages and API."""
    place.app.register_blueprint(taskrouter_blueprint(api.services))
    return place.app.test_client()


def test_errors_of_the_api_are_twilios_and_errors_of_the_pages_ours(api: Api, browser: FlaskClient) -> None:
    auth = (api.account, api.token)
    theirs = browser.get("/v1/nothing", auth=auth)
    assert (theirs.status_code, theirs.get_json()["code"]) == (404, 20404)
    wrong_way = browser.put("/v1/Workspaces", auth=auth)
    assert (wrong_way.status_code, wrong_way.get_json()["code"]) == (405, 20004)
    ours = browser.get("/nothing", headers={"Accept": "application/json"})
    assert (ours.status_code, "code" in ours.get_json()) == (404, False)


def test_the_password_of_the_pages_does_not_open_the_api_nor_the_token_the_pages(
    api: Api, place: World, browser: FlaskClient
) -> None:
    bearer = {"Authorization": f"Bearer {PASSWORD}"}
    assert browser.get("/v1/Workspaces", headers=bearer).status_code == 401
    assert place.signed_in().get("/v1/Workspaces").status_code == 401
    assert browser.get("/api/v1/live", auth=(api.account, api.token)).status_code == 401


def test_a_workflow_may_be_larger_than_any_form_of_the_pages(api: Api, browser: FlaskClient) -> None:
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": "sales"}}}).ljust(1_048_576)
    form = {"FriendlyName": "big", "Configuration": configuration}
    path = f"/v1/Workspaces/{api.home_sid}/Workflows"
    assert browser.post(path, data=form, auth=(api.account, api.token)).status_code == 201
    assert browser.post("/login", data=form).status_code == 413
