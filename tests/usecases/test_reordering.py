"""A file that changes the order of a line changes it for those who wait already."""

from dataclasses import replace

import pytest

from app.core.change import update
from app.core.config import Config, Order, Queue
from app.core.entities import Activity
from app.followers.dispatcher import Dispatcher
from app.usecases.staffing import set_activity
from tests.shop import Shop, a_config

FIRST, VIP, LATER = "CA1", "CA2", "CA3"


def the_order(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """Who is rung for, first to last: two came under one file, the second a VIP, and a third under the next."""
    config = a_config()

    def with_sales(version: str, fields: dict[str, object]) -> Config:
        sales: Queue = replace(config.queues["sales"], escalation=(), **fields)  # type: ignore[arg-type]
        return replace(config, version=version, queues={**config.queues, "sales": sales})

    shop = Shop(with_sales("v1", before))
    dispatcher = Dispatcher(shop.context, "one")
    for name in shop.config.agents:
        set_activity(shop.context, name, Activity.OFF)
    shop.waits_in(call=FIRST)
    shop.clock.advance_seconds(60)
    shop.waits_in(call=VIP)
    task = shop.task(VIP)
    shop.context.store.commit(update(task, replace(task, priority=3)))
    dispatcher.step()
    shop.configs.config = with_sales("v2", after)
    shop.clock.advance_seconds(60)
    shop.waits_in(call=LATER)
    dispatcher.step()
    places = {shop.context.store.position(shop.task(call)): call for call in (FIRST, VIP, LATER)}
    return [call for _, call in sorted(places.items())]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, [VIP, FIRST, LATER]),
        ({}, {"ageing": 30}, [VIP, FIRST, LATER]),
        ({}, {"ageing": 10}, [FIRST, VIP, LATER]),
        ({"ageing": 10}, {}, [VIP, FIRST, LATER]),
        ({"ageing": 10}, {"ageing": 30}, [VIP, FIRST, LATER]),
        ({}, {"order": Order.LIFO}, [VIP, LATER, FIRST]),
        ({"order": Order.LIFO}, {"ageing": 10}, [FIRST, VIP, LATER]),
    ],
)
def test_who_waits_is_put_in_line_as_the_new_file_says(
    before: dict[str, object], after: dict[str, object], expected: list[str]
) -> None:
    assert the_order(before, after) == expected
