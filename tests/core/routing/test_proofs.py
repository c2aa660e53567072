"""What TaskRouter accepts in silence and never does: every such trap is proven, with the way on which it shows."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from app.core.routing.definitions import DEFAULT_CHANNELS, Rules, TaskChannel, TaskQueue, WorkerActivity, Workspace
from app.core.routing.definitions import Workflow as WorkflowDefinition
from app.core.routing.proof import About, Proof
from app.core.routing.proofs import prove
from tests.builders import a_worker

SALES, SUPPORT = "WQ" + "1" * 32, "WQ" + "2" * 32
ANA: dict[str, Any] = {"skills": ["sales"], "level": 3, "department": "billing", "langs": ["en"]}
BO: dict[str, Any] = {"skills": ["support"], "level": 1, "department": "support", "langs": ["en", "es"]}
KEPT = [{"queue": SALES}]
HELD_ACTIVITY = WorkerActivity(sid="WA1", name="Available", available=True)


def the_rules(
    *filters: tuple[str, list[dict[str, Any]]], default: Mapping[str, Any] | None = None, queues: Any = None
) -> Rules:
    """A workspace with one workflow of these filters."""
    inside: dict[str, Any] = {
        "filters": [
            {"filter_friendly_name": f"f{number}", "expression": expression, "targets": targets}
            for number, (expression, targets) in enumerate(filters, 1)
        ]
    }
    if default:
        inside["default_filter"] = default
    asked = {SALES: "skills HAS 'sales'", SUPPORT: "1==1", **(queues or {})}
    names = {SALES: "Sales", SUPPORT: "Support"}
    return Rules(
        workspace=Workspace(sid="WS1", name="Unicone", timeout_activity="WA1"),
        activities={"WA1": HELD_ACTIVITY},
        channels={name: TaskChannel(sid=name, unique_name=name) for name in DEFAULT_CHANNELS},
        queues={sid: TaskQueue(sid=sid, name=names[sid], target_workers=rule) for sid, rule in asked.items()},
        workflows={
            "WW1": WorkflowDefinition(sid="WW1", name="Calls", configuration=json.dumps({"task_routing": inside}))
        },
    )


def proven(rules: Rules, *workers: dict[str, Any], tasks: tuple[dict[str, Any], ...] = ()) -> tuple[Proof, ...]:
    staff = [
        a_worker(f"WK{n:032d}", name=f"worker {n}", attributes=each) for n, each in enumerate(workers or (ANA, BO))
    ]
    return prove(rules, staff, tasks)


def only(found: tuple[Proof, ...], about: About) -> Proof:
    (proof,) = [proof for proof in found if proof.about is about]
    return proof


def a_target(**fields: Any) -> Rules:
    return the_rules(("1 == 1", [{"queue": SALES, **fields}]))


def a_queue(rule: str) -> Rules:
    return the_rules(("1 == 1", [{"queue": SUPPORT}]), queues={SALES: rule})


def test_rules_that_do_what_they_say_have_nothing_proven_of_them() -> None:
    rules = the_rules(
        ("type == 'vip' AND task.calls > 2", [{"queue": SALES, "timeout": 30}, {"queue": SUPPORT, "priority": 5}]),
        ("type == 'order'", [{"queue": SALES, "timeout": 10, "skip_if": "workers.available == 0"}]),
        ("type IN ['order', 'help']", [{
            "queue": SUPPORT, "expression": "task.lang IN worker.langs AND worker.level >= 2", "order_by":
            "worker.level DESC", "known_worker_sid": "task.agent_sid",
        }]),
        default={"queue": SUPPORT},
    )  # fmt: skip

    assert proven(rules) == ()


# --- the list of what TaskRouter "cannot" say, as its users wrote it down -------------------------------------------


@pytest.mark.parametrize(
    ("rules", "workers", "said"),
    [
        (a_queue("department HAS 'billing'"), (ANA, BO), "department is a string, and HAS needs a list"),
        (a_queue("'en' IN department"), (ANA, BO), "department is a string, and IN needs a list"),
        (a_queue("skils HAS 'sales'"), (ANA, BO), 'there is no "skils"'),
        (a_queue("skills == 'sales'"), (ANA, BO), 'skills is a list and "sales" is a string'),
        (a_queue("level == '3'"), (ANA, BO), "level is a number"),
        (a_queue("worker.level > 1"), (ANA, BO), 'there is no "worker"'),
        (a_queue("skill-level > 4"), (ANA, BO), "did not expect '-' here"),
        (a_queue("skills MATCHES 's.*'"), (ANA, BO), "did not expect 'MATCHES' here"),
        (a_queue("level > 5 AND level < 3"), (ANA, BO), "this rule can never be true"),
        (a_queue(""), (ANA, BO), "an empty rule: nobody can ever serve this queue"),
        (a_queue("level > 5"), (ANA, BO), "none of the 2 workers can serve this queue"),
        (a_queue("1 == 1"), ({"skill-level": 5},), "no rule can read the attribute 'skill-level'"),
        (a_target(expression="department HAS task.department"), (ANA, BO), 'there is no "department"'),
        (a_target(expression="worker.skils HAS task.skill"), (ANA, BO), 'there is no "skils" in worker'),
        (a_target(expression="worker.department HAS task.skill"), (ANA, BO), "needs a list"),
        (a_target(expression="worker.channel.voyce.assigned_tasks < 2"), (ANA, BO), 'there is no "voyce"'),
        (a_target(expression="worker.level > 4"), (ANA, BO), "none of the 1 workers of its queue can ever meet this"),
        (a_target(expression="worker.skills == 'x'"), (ANA, BO), "worker.skills is a list"),
        (a_target(order_by="worker.levle DESC"), (ANA, BO), "no worker has worker.levle"),
        (a_target(order_by="worker.department"), (ANA, BO), "worker.department is no integer for 2 of 2 workers"),
        (a_target(known_worker_sid="agent_sid"), (ANA, BO), "no worker has the SID 'agent_sid'"),
        (a_target(known_worker_friendly_name="'Ana'"), (ANA, BO), "no worker is called 'Ana'"),
        (a_target(skip_if="workers.availabel == 0"), (ANA, BO), 'there is no "availabel" in workers'),
        (a_target(skip_if="workers.WA9 == 0"), (ANA, BO), 'there is no "WA9" in workers'),
        (the_rules(("worker.level > 2", KEPT)), (ANA, BO), "a filter reads the task alone"),
        (the_rules(("lang HAS 'en' AND lang == 'en'", KEPT)), (ANA, BO), "this rule can never be true"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_taskrouter_accepts_in_silence_is_told(rules: Rules, workers: Any, said: str) -> None:
    assert [proof for proof in proven(rules, *workers) if said in proof.message]


def test_a_misspelt_attribute_comes_with_the_one_that_was_meant() -> None:
    told = {proof.hint for proof in proven(a_target(expression="worker.skils HAS task.skill"))}
    assert "did you mean worker.skills?" in told
    assert only(proven(a_target(order_by="worker.levle")), About.ORDER).hint == "did you mean worker.level?"


def test_a_rule_is_pointed_at_by_workflow_filter_target_field_and_column() -> None:
    proof = next(iter(proven(a_target(expression="worker.level > 2 AND worker.department HAS 'x'"))))
    assert str(proof.where) == "workflow 'Calls', filter 'f1', target 1 (queue 'Sales'), expression"
    assert proof.column == 22


def test_a_target_that_contradicts_its_queue_is_for_nobody_whoever_comes() -> None:
    rules = the_rules(
        ("1 == 1", [{"queue": SALES, "expression": "worker.level > 5"}]), queues={SALES: "level < 3 AND level != 1"}
    )
    proof = only(proven(rules, {"level": 2}), About.NOBODY)
    assert (proof.severity, proof.message) == (
        "error", "contradicts the rule of its queue: no worker can ever meet both",
    )  # fmt: skip


def test_a_known_worker_that_no_task_names_is_told_with_the_attribute_that_was_meant() -> None:
    rules = a_target(known_worker_sid="task.agent_sdi")
    proof = only(proven(rules, tasks=({"agent_sid": "WK1"}, {})), About.KNOWN_WORKER)
    assert (proof.message, proof.hint) == ("none of 2 tasks has task.agent_sdi", "did you mean task.agent_sid?")


def test_without_workers_only_what_is_certain_of_the_rules_is_said() -> None:
    rules = a_queue("skils HAS 'sales'")
    assert prove(rules, ()) == ()
    assert only(prove(a_queue("level > 5 AND level < 3"), ()), About.NOBODY).severity == "error"


def test_workers_who_are_parked_when_an_offer_times_out_are_told_of() -> None:
    rules = the_rules(("1 == 1", KEPT))
    offline = WorkerActivity(sid="WA2", name="Offline")
    parked = Rules(
        workspace=Workspace(sid="WS1", timeout_activity="WA2"), activities={"WA1": HELD_ACTIVITY, "WA2": offline},
        queues=rules.queues,
    )  # fmt: skip
    assert "goes into 'Offline' and stays there" in only(proven(parked), About.ACTIVITY).message
    closed = Rules(workspace=Workspace(sid="WS1"), activities={"WA2": offline})
    assert "no activity is available" in only(proven(closed), About.ACTIVITY).message


# --- ways through a workflow ----------------------------------------------------------------------------------------


def ways(found: tuple[Proof, ...]) -> list[str]:
    return [proof.way for proof in found if proof.about is About.DEAD_END]


def unreached(found: tuple[Proof, ...]) -> list[tuple[str, str]]:
    return [(str(proof.where), proof.message) for proof in found if proof.about is About.UNREACHABLE]


def test_a_last_target_with_a_timeout_cancels_though_there_is_a_default() -> None:
    rules = the_rules(("vip == true", [{"queue": SALES, "timeout": 30}]), default={"queue": SUPPORT})
    assert ways(proven(rules)) == [
        "filter 'f1' -> target 1 (queue Sales, 30 s) -> canceled while the caller goes on hearing music"
    ]


def test_a_filter_below_that_takes_all_that_times_out_saves_it() -> None:
    timed = ("task.vip == true", [{"queue": SALES, "timeout": 30}])
    assert ways(proven(the_rules(timed, ("vip != false", [{"queue": SUPPORT}]), default={"queue": SUPPORT}))) == []
    assert ways(proven(the_rules(timed, ("vip == true AND x == 1", [{"queue": SUPPORT}]), default={"queue": SUPPORT})))


def test_a_last_target_that_can_be_skipped_cancels_what_timed_out_before() -> None:
    targets = [{"queue": SALES, "timeout": 30}, {"queue": SUPPORT, "skip_if": "workers.available == 0"}]
    rules = the_rules(("1 == 1", targets), default={"queue": SUPPORT})
    (way,) = ways(proven(rules))
    assert (
        "target 1 (queue Sales, 30 s) -> target 2 (queue Support, skipped if workers.available == 0) -> cancel" in way
    )


def test_skipped_out_of_everything_is_caught_by_a_default_and_else_canceled() -> None:
    skipped = ("1 == 1", [{"queue": SALES, "skip_if": "workers.available == 0"}])
    assert ways(proven(the_rules(skipped, default={"queue": SUPPORT}))) == []
    assert len(ways(proven(the_rules(skipped)))) == 1


def test_what_timed_out_above_is_not_caught_by_the_default_when_it_is_skipped_below() -> None:
    rules = the_rules(
        ("vip == true", [{"queue": SALES, "timeout": 10}]),
        ("vip != 2", [{"queue": SUPPORT, "skip_if": "workers.available == 0"}]),
        default={"queue": SUPPORT},
    )
    (way,) = ways(proven(rules))
    assert way.startswith("filter 'f1' -> target 1 (queue Sales, 10 s) -> filter 'f2' -> target 1 (queue Support, sk")


def test_a_default_that_can_be_skipped_or_is_missing_cancels() -> None:
    skipped = {"queue": SUPPORT, "skip_if": "workers.available == 0"}
    assert ways(proven(the_rules(("vip == true", KEPT), default=skipped))) == [
        "default filter (queue Support, skipped if workers.available == 0) -> canceled while the caller goes on "
        "hearing music"
    ]
    assert ways(proven(the_rules(("vip == true", KEPT)))) == [
        "a task that no filter matches -> canceled while the caller goes on hearing music"
    ]
    assert ways(proven(the_rules(("vip == true", KEPT), ("vip != true", KEPT)))) == []


def test_waiting_to_the_end_in_a_queue_that_nobody_serves_is_a_dead_end() -> None:
    now = only(proven(the_rules(("1 == 1", KEPT)), BO), About.DEAD_END)
    assert (now.severity, now.message[:24]) == ("warning", "nobody can at present se")
    never = only(proven(the_rules(("1 == 1", KEPT), queues={SALES: "level > 2 AND level < 1"})), About.DEAD_END)
    assert never.severity == "error"
    assert "target 1 (queue Sales) -> waits until the task itself ends" in never.way


def test_a_filter_behind_one_that_keeps_all_its_tasks_is_out_of_reach() -> None:
    keeps = the_rules(("lang == 'en' OR lang == 'es'", KEPT), ("lang == 'es' AND vip == true", KEPT))
    assert unreached(proven(keeps)) == [
        ("workflow 'Calls', filter 'f2'",
         "never reached: filter 'f1' takes every task that it is for, and never lets one go on")
    ]  # fmt: skip
    lets_go = the_rules(("lang == 'en' OR lang == 'es'", [{"queue": SALES, "timeout": 5}]), ("lang == 'es'", KEPT))
    assert unreached(proven(lets_go)) == []


def test_two_filters_can_cover_a_third_together() -> None:
    rules = the_rules(("level > 3", KEPT), ("level <= 3", KEPT), ("level IN [1, 5]", KEPT), default={"queue": SUPPORT})
    assert unreached(proven(rules)) == [
        ("workflow 'Calls', filter 'f3'",
         "never reached: filter 'f1', filter 'f2' together take every task that it is for, and never lets one go on")
    ]  # fmt: skip


def test_a_target_behind_one_without_a_timeout_is_out_of_reach() -> None:
    rules = the_rules(("1 == 1", [{"queue": SALES}, {"queue": SUPPORT, "timeout": 5}]))
    assert unreached(proven(rules)) == [
        ("workflow 'Calls', filter 'f1', target 2", "never reached: target 1 has no timeout, and keeps its tasks")
    ]


def test_a_default_behind_filters_that_take_everything_is_out_of_reach() -> None:
    found = unreached(proven(the_rules(("1 == 1", KEPT), default={"queue": SUPPORT})))
    assert found == [
        ("workflow 'Calls', default filter, queue 'Support'",
         "never reached: the filters take every task, and keep it")
    ]  # fmt: skip


def test_targets_that_outlast_the_task_are_never_passed() -> None:
    found = unreached(proven(the_rules(("1 == 1", [{"queue": SALES, "timeout": 90_000}, {"queue": SUPPORT}]))))
    assert [message for _, message in found] == [
        "tasks that say no Timeout of their own end after 24 h, and never get past this target"
    ]


def test_the_owners_own_workflow_is_not_judged_by_taskrouters_rules() -> None:
    rules = the_rules(("1 == 1", [{"queue": SALES, "timeout": 5}]))
    workflow = rules.workflows["WW1"]
    of_file = WorkflowDefinition(sid="calls", name=workflow.name, configuration=workflow.configuration, from_file=True)
    mine = Rules(workspace=rules.workspace, queues=rules.queues, workflows={"calls": of_file})
    assert proven(mine) == ()
