"""One set of pages for all tests: building it takes longer than most of them."""

import pytest

from tests.telephony.twilio.support import Carrier, FakeDesk


class Forgetful:
    """Notes that keep nothing from one test to the next."""

    def recall(self, token: str) -> str | None:
        return None

    def remember(self, token: str, xml: str) -> None:
        pass


@pytest.fixture(scope="session")
def pages() -> Carrier:
    return Carrier(FakeDesk(), notes=Forgetful())


@pytest.fixture
def carrier(pages: Carrier) -> Carrier:
    pages.desk.begin()
    return pages


@pytest.fixture
def desk(carrier: Carrier) -> FakeDesk:
    return carrier.desk
