"""The API as a running server, over a workspace of an owner's file and others in memory, and the official SDK."""

from collections.abc import Iterator

import pytest
from twilio.rest import Client

from tests.web.taskrouter.server import Api, running, sdk_of
from tests.web.taskrouter.spec import Spec


@pytest.fixture(scope="session")
def spec() -> Spec:
    """The published specification, which judges every answer that `client` and `api.http` get."""
    return Spec()


@pytest.fixture
def api(spec: Spec) -> Iterator[Api]:
    """A server of the API on a free port of this machine."""
    with running(spec) as served:
        yield served


@pytest.fixture
def client(api: Api) -> Iterator[Client]:
    """The official SDK, with only its base URL changed."""
    with sdk_of(api) as sdk:
        yield sdk
