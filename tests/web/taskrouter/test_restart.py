"""What the API makes lives in Redis beside everything else: there after a restart, and gone once it is removed."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from twilio.rest import Client

from app.store.redis import RedisStore
from tests.web.taskrouter.server import Api, running, sdk_of
from tests.web.taskrouter.spec import Spec
from tests.web.taskrouter.test_definitions import workflow_to

Stores = Callable[[str], RedisStore]


@pytest.fixture
def stores(redis_url: str) -> Iterator[Stores]:
    """Workspaces in Redis, apart from those of other tests; everything in them is dropped at the end."""
    mine, opened = secrets.token_hex(4), dict[str, RedisStore]()

    def open_store(workspace: str) -> RedisStore:
        if workspace not in opened:
            opened[workspace] = RedisStore(redis_url, f"{workspace}-{mine}")
        return opened[workspace]

    yield open_store
    for store in opened.values():
        store.drop()
        store.close()


def served(spec: Spec, stores: Stores, stack: ExitStack) -> tuple[Api, Client]:
    """A process that has just started on these stores, and the SDK."""
    api = stack.enter_context(running(spec, stores))
    return api, stack.enter_context(sdk_of(api))


def everything(api: Api, client: Client) -> list[object]:
    """Every definition of every workspace, as the API shows it."""
    told: list[object] = []
    for workspace in client.taskrouter.v1.workspaces.list():
        path = f"/Workspaces/{workspace.sid}"
        for part in ("", "/Activities", "/TaskChannels", "/TaskQueues", "/Workflows"):
            body = api.http("GET", path + part).json()
            body.pop("meta", None)
            told.append(str(body).replace(api.base_url, ""))
    return told


def test_what_the_api_made_is_there_after_a_restart(spec: Spec, stores: Stores) -> None:
    with ExitStack() as stack:
        api, client = served(spec, stores, stack)
        shop = client.taskrouter.v1.workspaces.create(friendly_name="Shop", template="FIFO")
        bread = shop.task_queues.create(friendly_name="bread", target_workers="skills HAS 'dough'", task_order="LIFO")
        shop.workflows.create(friendly_name="orders", configuration=workflow_to(str(bread.sid)))
        shop.task_channels.create(friendly_name="Fax", unique_name="fax")
        client.taskrouter.v1.workspaces(api.home_sid).activities.create(friendly_name="lunch")
        before = everything(api, client)
    with ExitStack() as stack:
        assert everything(*served(spec, stores, stack)) == before


def test_two_processes_see_each_others_definitions_at_once(spec: Spec, stores: Stores) -> None:
    with ExitStack() as stack:
        _, one = served(spec, stores, stack)
        _, other = served(spec, stores, stack)
        shop = one.taskrouter.v1.workspaces.create(friendly_name="Shop")
        there = other.taskrouter.v1.workspaces(str(shop.sid))
        assert there.task_queues.list() == []
        made = shop.task_queues.create(friendly_name="bread")
        assert [each.sid for each in there.task_queues.list()] == [made.sid]
        there.task_queues(str(made.sid)).update(friendly_name="rolls")
        assert made.fetch().friendly_name == "rolls"


def test_of_a_removed_workspace_nothing_is_left(spec: Spec, stores: Stores) -> None:
    with ExitStack() as stack:
        _, client = served(spec, stores, stack)
        shop = client.taskrouter.v1.workspaces.create(friendly_name="Shop", template="FIFO")
        assert shop.delete()
        again = client.taskrouter.v1.workspaces.create(friendly_name="Shop")
        assert again.sid == shop.sid
        assert again.task_queues.list() == again.workflows.list() == []
