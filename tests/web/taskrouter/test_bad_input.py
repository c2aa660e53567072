"""What is wrong with a request is told in TaskRouter's own shape, never as a page, and nothing has changed."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.web.taskrouter.blueprint import LARGEST_REQUEST
from app.web.taskrouter.forms import FORM
from tests.web.taskrouter.server import Api

ROOT = "/Workspaces"
PARAMETERS = {
    "": ["FriendlyName", "EventCallbackUrl", "EventsFilter", "MultiTaskEnabled", "DefaultActivitySid"],
    "/Activities": ["FriendlyName", "Available"],
    "/TaskChannels": ["FriendlyName", "UniqueName", "ChannelOptimizedRouting"],
    "/TaskQueues": ["FriendlyName", "TargetWorkers", "MaxReservedWorkers", "TaskOrder", "AssignmentActivitySid"],
    "/Workflows": ["FriendlyName", "Configuration", "AssignmentCallbackUrl", "TaskReservationTimeout"],
}
NOBODY = "0" * 32
DEEP = '{"task_routing":' + "[" * 5000 + "]" * 5000 + "}"


@pytest.fixture
def home(api: Api) -> str:
    """The address of the owner's workspace."""
    return f"{ROOT}/{api.home_sid}"


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/WS{NOBODY}",
        f"{ROOT}/WS{NOBODY}/Activities",
        f"{ROOT}/sales",
        f"{ROOT}/" + "x" * 5000,
        f"{ROOT}/..%2f..",
        "",
        "/",
        "/Workspacez",
        "/Accounts/AC1",
    ],
)
def test_unknown_addresses_are_not_found(api: Api, path: str) -> None:
    api.refused(404, 20404, "GET", path)


@pytest.mark.parametrize("kind", ["Activities/WA", "TaskChannels/TC", "TaskQueues/WQ", "Workflows/WW"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_unknown_sids_are_not_found(api: Api, home: str, kind: str, method: str) -> None:
    for sid in (NOBODY, NOBODY[:-1], NOBODY + "0", quote("0'; DROP --"), "sales"):
        api.refused(404, 20404, method, f"{home}/{kind}{sid}", data={"FriendlyName": "x"} if method == "POST" else None)


def test_the_owners_own_names_are_no_sids(api: Api, home: str) -> None:
    api.refused(404, 20404, "GET", f"{home}/TaskQueues/sales")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_that_an_address_does_not_take_is_told(api: Api, home: str, method: str) -> None:
    for path in (ROOT, f"{home}/TaskQueues", f"{home}/Workflows"):
        api.refused(405, 20004, method, path)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b'{"FriendlyName": "bread"}'),
        ("text/plain", b"FriendlyName=bread"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="FriendlyName"\r\n\r\nb\r\n--x--',
        ),
        ("nonsense", b"FriendlyName=bread"),
    ],
)
def test_parameters_are_taken_as_a_form_only(api: Api, home: str, content_type: str, body: bytes) -> None:
    before, headers = api.home.rules.fresh(), {"Content-Type": content_type}
    api.refused(415, 20001, "POST", f"{home}/TaskQueues", data=body, headers=headers)
    assert api.home.rules.fresh() == before


@pytest.mark.parametrize(
    ("path", "form", "named"),
    [
        ("", {}, "FriendlyName"),
        ("", {"FriendlyName": " "}, "FriendlyName"),
        ("", {"FriendlyName": "x" * 65}, "FriendlyName"),
        ("", {"FriendlyName": "x", "Template": "LIFO"}, "Template"),
        ("", {"FriendlyName": "x", "EventCallbackUrl": "ftp://x"}, "EventCallbackUrl"),
        ("", {"FriendlyName": "x", "EventCallbackUrl": "http://[::1"}, "EventCallbackUrl"),
        ("", {"FriendlyName": "x", "EventsFilter": "task.created,<script>"}, "EventsFilter"),
        ("", {"FriendlyName": "x", "MultiTaskEnabled": "perhaps"}, "MultiTaskEnabled"),
        ("", {"FriendlyName": "x", "PrioritizeQueueOrder": "fifo"}, "PrioritizeQueueOrder"),
        ("/{}/Activities", {"Available": "true"}, "FriendlyName"),
        ("/{}/TaskChannels", {"FriendlyName": "x"}, "UniqueName"),
        ("/{}/TaskChannels", {"FriendlyName": "x", "UniqueName": "voice"}, "UniqueName"),
        ("/{}/TaskQueues", {"FriendlyName": "x", "MaxReservedWorkers": "0"}, "MaxReservedWorkers"),
        ("/{}/TaskQueues", {"FriendlyName": "x", "MaxReservedWorkers": "51"}, "MaxReservedWorkers"),
        ("/{}/TaskQueues", {"FriendlyName": "x", "MaxReservedWorkers": "²"}, "MaxReservedWorkers"),
        ("/{}/TaskQueues", {"FriendlyName": "x", "MaxReservedWorkers": "9" * 5000}, "MaxReservedWorkers"),
        ("/{}/TaskQueues", {"FriendlyName": "x", "TaskOrder": "RANDOM"}, "TaskOrder"),
        ("/{}/TaskQueues", {"FriendlyName": "x", "TargetWorkers": "("}, "TargetWorkers"),
        ("/{}/TaskQueues", {"FriendlyName": "x", "TargetWorkers": "a==1 OR " * 5000 + "a==1"}, "TargetWorkers"),
        ("/{}/TaskQueues", {"FriendlyName": "x", "ReservationActivitySid": "WA1"}, "ReservationActivitySid"),
        ("/{}/TaskQueues", {"FriendlyName": "x", "AssignmentActivitySid": "WA" + NOBODY}, "AssignmentActivitySid"),
        ("/{}/Workflows", {"FriendlyName": "x"}, "Configuration"),
        ("/{}/Workflows", {"FriendlyName": "x", "Configuration": "{"}, "Configuration"),
        ("/{}/Workflows", {"FriendlyName": "x", "Configuration": "[]"}, "Configuration"),
        ("/{}/Workflows", {"FriendlyName": "x", "Configuration": DEEP}, "Configuration"),
        ("/{}/Workflows", {"FriendlyName": "x", "Configuration": '{"task_routing": {"filters": 1}}'}, "Configuration"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(api: Api, path: str, form: dict[str, str], named: str) -> None:
    before = api.home.rules.fresh()
    message = api.refused(400, 20001, "POST", ROOT + path.format(api.home_sid), data=form)
    assert named in message
    assert api.home.rules.fresh() == before
    assert len(list(api.workspaces.all())) == 1


def test_a_rule_in_a_workflow_is_refused_with_its_filter_and_column(api: Api, home: str) -> None:
    targets = [{"queue": "sales"}]
    routing = {"filters": [{"filter_friendly_name": "VIP", "expression": "vip ==", "targets": targets}]}
    form = {"FriendlyName": "x", "Configuration": json.dumps({"task_routing": routing})}
    message = api.refused(400, 20001, "POST", f"{home}/Workflows", data=form)
    assert "VIP" in message
    assert "column" in message


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"PageSize": "0"}, "PageSize"),
        ({"PageSize": "many"}, "PageSize"),
        ({"Page": "-1"}, "Page"),
        ({"PageToken": "PAx"}, "PageToken"),
        ({"PageToken": "PAW10"}, "PageToken"),
        ({"PageToken": "PAWyJhIiwxXQ"}, "PageToken"),
        ({"PageToken": "zz" + "W" * 100}, "PageToken"),
        ({"PageToken": "é"}, "PageToken"),
        ({"EvaluateWorkerAttributes": "{"}, "EvaluateWorkerAttributes"),
        ({"EvaluateWorkerAttributes": "[" * 4000}, "EvaluateWorkerAttributes"),
        ({"EvaluateWorkerAttributes": '{"a": NaN}'}, "EvaluateWorkerAttributes"),
        ({"EvaluateWorkerAttributes": '{"a": "' + "x" * 4096 + '"}'}, "EvaluateWorkerAttributes"),
        ({"WorkerSid": "alice"}, "WorkerSid"),
        ({"Ordering": "Priority:asc"}, "Ordering"),
    ],
)
def test_what_a_list_cannot_be_asked_for_is_refused(api: Api, home: str, query: dict[str, str], named: str) -> None:
    assert named in api.refused(400, 20001, "GET", f"{home}/TaskQueues", params=query)


def test_a_body_beyond_all_measure_is_refused_unread(api: Api, home: str) -> None:
    client = api.app.test_client()
    answer = client.post(
        f"/v1{home}/Workflows",
        auth=(api.account, api.token),
        content_type=FORM,
        environ_overrides={"CONTENT_LENGTH": str(LARGEST_REQUEST + 1)},
    )
    assert (answer.status_code, answer.get_json()["code"]) == (413, 20001)


def test_a_workflow_of_a_megabyte_is_taken_and_one_byte_more_is_not(api: Api, home: str) -> None:
    plain = json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": "sales"}}})
    whole = plain.ljust(1_048_576)
    assert (
        api.http("POST", f"{home}/Workflows", data={"FriendlyName": "big", "Configuration": whole}).status_code == 201
    )
    form = {"FriendlyName": "bigger", "Configuration": whole + " "}
    assert "Configuration" in api.refused(400, 20001, "POST", f"{home}/Workflows", data=form)


def test_parameters_that_nobody_knows_are_ignored(api: Api, home: str) -> None:
    form = {"FriendlyName": "bread", "Flour": "rye", "Sid": "WQ" + NOBODY}
    made = api.http("POST", f"{home}/TaskQueues", data=form)
    assert made.status_code == 201
    assert made.json()["sid"] != "WQ" + NOBODY


def test_nothing_private_stays_in_a_cache(api: Api) -> None:
    assert api.http("GET", ROOT).headers["Cache-Control"] == "no-store"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(PARAMETERS)), st.data())
def test_whatever_is_sent_is_either_taken_or_refused(api: Api, home: str, path: str, data: st.DataObject) -> None:
    anything = st.one_of(
        st.text(max_size=40), st.sampled_from(["1==1", "true", "7", "{}", "null", "\x00", "-0", "WA", ""])
    )
    form = {name: data.draw(anything, label=name) for name in PARAMETERS[path]}
    answer = api.app.test_client().post(f"/v1{home}{path}", data=form, auth=(api.account, api.token))
    assert answer.status_code in (200, 201, 400, 409), (form, answer.get_json())
    api.spec.judge("POST", f"http://localhost/v1{home}{path}", answer.status_code, answer.get_data(as_text=True))
