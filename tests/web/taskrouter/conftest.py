"""The API as a running server, over a workspace of an owner's file and others in memory, and the official SDK."""

from collections.abc import Iterator

import pytest
from twilio.rest import Client

from tests.web.taskrouter.server import Api, Judged, running
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
def client(api: Api, spec: Spec) -> Iterator[Client]:
    """The official SDK, with only its base URL changed."""
    judged = Judged(spec)
    sdk = Client(api.account, api.token, http_client=judged)
    sdk.taskrouter.base_url = api.base_url
    yield sdk
    judged.close()
