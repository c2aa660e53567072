"""The state machine notices when a guard is taken out of the code; `make guards` takes out every one."""

import pytest

from tests.mutation.copies import ROOT, taken_out, without
from tests.mutation.guards import GUARDS, SHORT, Guard


def named(guard: Guard) -> str:
    """A guard by its name."""
    return guard.name


@pytest.mark.parametrize("guard", GUARDS, ids=named)
def test_every_guard_stands_in_the_code_exactly_once(guard: Guard) -> None:
    changed = taken_out(guard)
    assert guard.without in changed
    if guard.path.endswith(".py"):
        compile(changed, guard.path, "exec")


def test_no_two_guards_have_one_name() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)
    assert set(SHORT) < {guard.name for guard in GUARDS}


def test_the_documentation_lists_every_guard() -> None:
    lines = (ROOT / "docs/testing.md").read_text(encoding="utf-8").splitlines()
    assert [f"* {guard.name} (`{guard.path}`)" for guard in GUARDS] == [line for line in lines if "(`app/" in line]


@pytest.mark.timeout(200)
@pytest.mark.parametrize("guard", [guard for guard in GUARDS if guard.name in SHORT], ids=named)
def test_the_machine_notices_that_a_guard_is_gone(guard: Guard) -> None:
    assert without(guard).said
