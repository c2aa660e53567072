"""Lists come in pages that the SDK can walk, and what happens meanwhile moves no other item."""

from collections.abc import Sequence

import pytest
from flask import Flask
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace import WorkspaceContext

from app.web.taskrouter.paging import LARGEST, Place, Sorted, walked
from tests.web.taskrouter.server import Api

SEVEN = ["Offline", "a0", "a1", "a2", "a3", "a4", "a5"]


@pytest.fixture
def bakery(api: Api, client: Client) -> WorkspaceContext:
    """A workspace with seven activities, six of them made a second apart."""
    made = client.taskrouter.v1.workspaces.create(friendly_name="Bakery")
    for activity in made.activities.list():
        if activity.friendly_name != "Offline":
            activity.delete()
    for number in range(6):
        api.clock.advance_seconds(1)
        made.activities.create(friendly_name=f"a{number}")
    return client.taskrouter.v1.workspaces(str(made.sid))


def test_the_sdk_walks_all_pages_in_order(bakery: WorkspaceContext) -> None:
    assert [each.friendly_name for each in bakery.activities.list(page_size=2)] == SEVEN
    assert [each.friendly_name for each in bakery.activities.stream(limit=3, page_size=2)] == SEVEN[:3]


def test_the_sdk_goes_forwards_and_back(bakery: WorkspaceContext) -> None:
    first = bakery.activities.page(page_size=3)
    assert [each.friendly_name for each in first] == SEVEN[:3]
    assert first.previous_page_url is None
    second = first.next_page()
    assert second is not None
    assert [each.friendly_name for each in second] == SEVEN[3:6]
    third = second.next_page()
    assert third is not None
    assert ([each.friendly_name for each in third], third.next_page_url) == (SEVEN[6:], None)
    back = third.previous_page()
    assert back is not None
    assert [each.friendly_name for each in back] == SEVEN[3:6]
    beginning = back.previous_page()
    assert beginning is not None
    assert ([each.friendly_name for each in beginning], beginning.previous_page_url) == (SEVEN[:3], None)


def test_what_is_removed_and_added_between_two_pages_moves_no_other_item(api: Api, bakery: WorkspaceContext) -> None:
    page = bakery.activities.page(page_size=3)
    shown = list(page)
    for seen in shown[1:]:
        seen.delete()
    api.clock.advance_seconds(1)
    bakery.activities.create(friendly_name="late")
    following = page.next_page()
    assert following is not None
    assert [each.friendly_name for each in following] == ["a2", "a3", "a4"]
    last = following.next_page()
    assert last is not None
    assert [each.friendly_name for each in last] == ["a5", "late"]


def test_pages_keep_what_was_asked_for(api: Api, bakery: WorkspaceContext) -> None:
    path = f"/Workspaces/{bakery.fetch().sid}/Activities"
    meta = api.http("GET", path, params={"PageSize": 2, "FriendlyName": "a1", "Available": "false"}).json()["meta"]
    query = "Available=false&FriendlyName=a1&PageSize=2&Page=0"
    assert meta == {
        "page": 0, "page_size": 2, "key": "activities", "next_page_url": None, "previous_page_url": None,
        "first_page_url": f"{api.base_url}/v1{path}?{query}", "url": f"{api.base_url}/v1{path}?{query}",
    }  # fmt: skip


def test_a_page_holds_fifty_unless_asked_otherwise_and_never_more_than_a_thousand(api: Api) -> None:
    assert api.http("GET", "/Workspaces").json()["meta"]["page_size"] == 50
    assert api.http("GET", "/Workspaces", params={"PageSize": 5000}).json()["meta"]["page_size"] == LARGEST


def test_addresses_are_those_by_which_the_client_came(api: Api) -> None:
    headers = {"Host": "calls.example.com", "X-Forwarded-Proto": "https"}
    body = api.http("GET", f"/Workspaces/{api.home_sid}", headers=headers).json()
    assert body["url"] == f"https://calls.example.com/v1/Workspaces/{api.home_sid}"
    assert body["links"]["tasks"] == f"{body['url']}/Tasks"


class Counting(Sorted[int]):
    """Numbers, and how many of them were read."""

    read = 0

    def after(self, place: Place | None, count: int) -> Sequence[int]:
        """See `Sorted.after`."""
        found = super().after(place, count)
        self.read += len(found)
        return found


def test_of_a_long_list_no_more_is_read_than_a_page_and_one_item() -> None:
    numbers = Counting(range(100_000), lambda number: (number,))
    with Flask(__name__).test_request_context("/v1/Numbers?PageSize=10"):
        page = walked("numbers", numbers, lambda number: (number,), lambda number: {"number": number}).get_json()
    assert [each["number"] for each in page["numbers"]] == list(range(10))
    assert numbers.read == 11
