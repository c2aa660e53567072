"""Who may serve which queue."""

from dataclasses import replace

from app.core.config import Agent, Config, Escalation, Queue
from app.core.skills import lines, may_serve, person_queue, serving, worker_attributes

ANNA = Agent(name="anna", phone="+12025550111", skills={"orders": 3, "catering": 1}, languages=("en", "es"))
DAVID = Agent(name="david", phone="+12025550112", skills={"orders": 1})
SUSAN = Agent(name="susan", phone="+12025550110", skills={"orders": 3}, escalation_only=True)
CONFIG = Config(
    version="1",
    business="Unicone",
    agents={agent.name: agent for agent in (DAVID, SUSAN, ANNA)},
    queues={"sales": Queue(name="sales", title="sales", serves="skills HAS 'orders'")},
)


def test_a_rule_sees_names_skills_levels_and_languages() -> None:
    assert worker_attributes(ANNA) == {
        "name": "anna",
        "skills": ["catering", "orders"],
        "levels": {"orders": 3, "catering": 1},
        "languages": ["en", "es"],
    }


def test_a_queue_is_served_by_those_its_rule_names_but_not_by_those_kept_for_escalation() -> None:
    assert serving(CONFIG, "sales") == ("anna", "david")
    assert not may_serve(SUSAN, "1 == 1")


def test_an_escalation_step_may_replace_the_rule() -> None:
    picky = Escalation(after=60, serves="levels.orders >= 2")
    config = replace(CONFIG, queues={"sales": replace(CONFIG.queues["sales"], escalation=(picky,))})

    assert serving(config, "sales+0") == ("anna",)
    assert lines(config) == ("@anna", "@david", "@susan", "sales", "sales+0")


def test_the_queue_of_one_person_is_served_by_that_person_alone() -> None:
    assert serving(CONFIG, person_queue("susan")) == ("susan",)
    assert serving(CONFIG, person_queue("nobody")) == ()


def test_nobody_serves_a_queue_that_does_not_exist() -> None:
    assert serving(CONFIG, "slaes") == ()
