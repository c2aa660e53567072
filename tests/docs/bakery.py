"""A TaskRouter account on this machine, and exports of it, for the commands of the page on importing."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from twilio.rest import Client

from app.telephony.twilio.rest import Account, create_client
from app.telephony.twilio.workspace_export import read_workspace
from tests.web.taskrouter.server import ACCOUNT, running
from tests.web.taskrouter.spec import Spec

TOKEN = "0123456789abcdef" * 2
SHOWN = "WS0123456789abcdef0123456789abcdef"
"""The workspace that the page names; the account's own stands for it."""
QUEUE = "WQ" + "1" * 32


@contextmanager
def an_account() -> Iterator[tuple[str, Mapping[str, str]]]:
    """A workspace's SID, and the settings with which its account is read."""
    with running(Spec(), token=TOKEN) as api:
        sdk = Client(ACCOUNT, TOKEN)
        sdk.taskrouter.base_url = api.base_url
        sid = str(sdk.taskrouter.v1.workspaces.create("Bakery", template="FIFO").sid)
        sdk.taskrouter.v1.workspaces(sid).workers.create("Ann", attributes='{"skills": ["bread"]}')
        sdk.http_client.session.close()
        yield sid, {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_URL": api.base_url}


def write_exports(folder: Path) -> None:
    """The files and the folder that the page names."""
    workflow = {"task_routing": {"filters": [], "default_filter": {"queue": QUEUE}}}
    (folder / "orders.json").write_text(json.dumps(workflow), encoding="utf-8")
    with an_account() as (sid, settings):
        account = Account(settings["TWILIO_ACCOUNT_SID"], settings["TWILIO_AUTH_TOKEN"], settings["TWILIO_API_URL"])
        document = read_workspace(create_client(account), sid, lambda kind, count: None)
    assert document is not None
    (folder / "export").mkdir()
    for kind, found in document.items():
        (folder / "export" / f"{kind}.json").write_text(json.dumps(found), encoding="utf-8")
