"""The example of the TaskRouter page does what the page says."""

import re

from app.followers.dispatcher import Dispatcher
from tests.docs.shown import ROOT
from tests.web.taskrouter.server import ACCOUNT, TOKEN, running
from tests.web.taskrouter.spec import Spec

PAGE = ROOT / "docs" / "taskrouter-api.md"


def test_the_example_of_the_sdk_gives_ana_a_reservation() -> None:
    example = "".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    with running(Spec()) as api:
        example = re.sub(r'Client\(.*\)', f'Client("{ACCOUNT}", "{TOKEN}")', example)
        example = example.replace("http://127.0.0.1:5000", api.base_url)
        names: dict[str, object] = {}
        exec(compile(example, str(PAGE), "exec"), names)  # noqa: S102 - the page's own example
        here, ana = names["here"], names["ana"]
        Dispatcher(api.context(names["workspace"].sid), "test").step()  # type: ignore[attr-defined]

        (reservation,) = here.workers(ana.sid).reservations.list()  # type: ignore[attr-defined]
        assert reservation.task_sid == names["task"].sid  # type: ignore[attr-defined]
        names["client"].http_client.session.close()  # type: ignore[attr-defined]
