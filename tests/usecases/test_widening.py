"""Escalation that lets more agents serve: wider skills after a while, the caller's place kept."""

from dataclasses import replace

from app.core.config import Escalation
from app.core.entities import Activity
from app.usecases.staffing import set_activity
from tests.shop import Shop, a_config


def test_after_a_while_agents_with_other_skills_are_rung_and_the_caller_keeps_their_age() -> None:
    config = a_config()
    support = replace(config.queues["support"], escalation=(Escalation(after=30, serves="skills HAS 'sales'"),))
    shop = Shop(replace(config, queues={**config.queues, "support": support}))
    set_activity(shop.context, "ben", Activity.OFF)
    shop.waits_in("i have a problem")
    created = shop.task().created
    assert shop.dispatches() == []

    shop.passes(31)

    assert [offer.worker for offer in shop.dispatches()] == ["anna"]
    assert shop.task().created == created
