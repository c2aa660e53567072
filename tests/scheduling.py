"""Which tests run in the same worker, and which begin: files, and folders of scenarios that share a running server."""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

SCENARIOS = "tests/scenarios/"
# What takes longest begins first, one for each worker, so that nobody waits for it at the end.
LONGEST = ("tests/scenarios/shop", "tests/scenarios/unicone", "tests/drill/test_drill.py")


class ByServer(LoadScopeScheduling):
    """A worker takes whole files, or a whole folder of scenarios, whose server is then started once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if not file.startswith(SCENARIOS):
            return file
        return file.rpartition("/")[0]

    def _assign_work_unit(self, node: Any) -> None:
        for scope in reversed(LONGEST):
            if scope in self.workqueue:
                self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)
