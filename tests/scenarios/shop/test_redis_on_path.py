"""The scenarios of this folder run on the redis-server that the machine brings."""

import pytest

from tests.scenarios.calls import served_on
from tests.scenarios.world import World

pytestmark = pytest.mark.timeout(120)


def test_calls_are_served_on_the_redis_server_from_path(shop: World) -> None:
    assert served_on(shop, "system") == "We are open all day. Goodbye."
