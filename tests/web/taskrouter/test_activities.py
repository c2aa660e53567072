"""Activities through the official SDK."""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.web.taskrouter.server import Api


def test_an_activity_is_made_read_renamed_listed_and_removed(api: Api, client: Client) -> None:
    activities = client.taskrouter.v1.workspaces(api.home_sid).activities
    made = activities.create(friendly_name="lunch", available=False)
    assert (made.friendly_name, made.available, made.workspace_sid) == ("lunch", False, api.home_sid)
    assert activities(made.sid).fetch().date_created == made.date_created
    assert activities(made.sid).update(friendly_name="late lunch").friendly_name == "late lunch"
    assert [each.sid for each in activities.list(friendly_name="late lunch")] == [made.sid]
    assert activities(made.sid).delete()
    with pytest.raises(TwilioRestException) as refused:
        activities(made.sid).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
