"""Every answer that the tests of the API get is judged by Twilio's specification, where that is at hand."""

import json

import pytest

from tests.web.taskrouter.spec import Spec

URL = "http://localhost/v1/Workspaces/WS" + "0" * 32 + "/Activities/WA" + "0" * 32
ACTIVITY = {
    "sid": "WA" + "0" * 32, "account_sid": "AC" + "0" * 32, "workspace_sid": "WS" + "0" * 32, "friendly_name": "lunch",
    "available": False, "date_created": "2026-11-22T12:00:00Z", "date_updated": None, "url": URL, "links": {},
}  # fmt: skip


@pytest.fixture
def published(spec: Spec) -> Spec:
    """The specification; what needs it is skipped where it is not."""
    if not spec.is_here:
        pytest.skip("the published specification does not lie beside the repository: answers are not judged by it")
    return spec


def test_every_answer_is_judged_by_the_published_specification(published: Spec) -> None:
    assert len(published.operations) == 61
    published.judge("GET", URL, 200, json.dumps(ACTIVITY))


@pytest.mark.parametrize(
    "wrong",
    [
        {"sid": "XX" + "0" * 32},
        {"sid": "WA0"},
        {"available": "false"},
        {"date_created": "2026-11-22"},
        {"links": {"workspace": "/v1/Workspaces"}},
        {"surprise": 1},
    ],
)
def test_an_answer_with_anything_wrong_in_it_is_found(published: Spec, wrong: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        published.judge("GET", URL, 200, json.dumps({**ACTIVITY, **wrong}))


def test_an_answer_that_lacks_a_property_or_has_another_status_is_found(published: Spec) -> None:
    for body, status in (({**ACTIVITY, "url": None}, 201), ({"sid": ACTIVITY["sid"]}, 200)):
        with pytest.raises(AssertionError):
            published.judge("GET", URL, status, json.dumps(body))


def test_the_more_exact_of_two_addresses_is_meant(published: Spec) -> None:
    queues = "/v1/Workspaces/WS0/TaskQueues"
    assert published.operation("GET", f"{queues}/Statistics")[1].endswith("/TaskQueues/Statistics")
    assert published.operation("GET", f"{queues}/WQ0")[1].endswith("/TaskQueues/{Sid}")


def test_an_error_has_twilios_four_members_with_or_without_the_specification(spec: Spec) -> None:
    error = {"code": 20404, "message": "m", "more_info": "https://www.twilio.com/docs/errors/20404", "status": 404}
    spec.judge("GET", URL, 404, json.dumps(error))
    for wrong in ({"status": 400}, {"code": "20404"}, {"message": ""}, {"detail": "x"}):
        with pytest.raises(AssertionError):
            spec.judge("GET", URL, 404, json.dumps({**error, **wrong}))
