"""Which tests run in the same worker: those of one file, and all scenarios that share a running server."""

from xdist.scheduler import LoadScopeScheduling

SCENARIOS = "tests/scenarios/"


class ByServer(LoadScopeScheduling):
    """A worker takes whole files, or a whole folder of scenarios, whose server is then started once."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if not file.startswith(SCENARIOS):
            return file
        return file.rpartition("/")[0]
