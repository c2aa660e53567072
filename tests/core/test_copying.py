"""A quick copy is the copy that `dataclasses.replace` makes."""

import dataclasses
from dataclasses import FrozenInstanceError

import pytest

from app.core.change import Change, Write
from app.core.copying import replace
from app.core.entities import TaskState
from app.core.matching import Candidates
from tests.builders import a_call, a_reservation, a_task, a_worker, an_event

VALUES = (
    a_task(attributes={"a": [1]}),
    a_worker(),
    a_call(),
    a_reservation(),
    an_event(),
    Change((Write(None, a_task()),)),
    Candidates((a_task(),), ()),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_copy_is_equal_and_another_object(value: object) -> None:
    copy = replace(value)  # type: ignore[type-var]
    assert copy == value
    assert copy is not value
    assert type(copy) is type(value)


def test_only_the_named_fields_change_and_the_original_keeps_its_own() -> None:
    task = a_task(priority=1)
    changes = {"state": TaskState.RESERVED, "priority": 7, "version": 3}
    assert replace(task, **changes) == dataclasses.replace(task, **changes)
    assert task == a_task(priority=1)


def test_a_copy_is_as_frozen_as_the_original() -> None:
    with pytest.raises(FrozenInstanceError):
        replace(a_task()).priority = 1  # type: ignore[misc]


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError, match="Task has no field 'colour'"):
        replace(a_task(), colour="red")  # type: ignore[call-arg]
