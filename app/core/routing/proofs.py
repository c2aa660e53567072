"""Proves of a workspace what TaskRouter lets one find out by losing tasks: silent traps, dead ends, empty queues."""

from collections.abc import Sequence

from app.core.entities import Worker
from app.core.expression_tree import Values
from app.core.routing.definitions import Rules
from app.core.routing.proof import Ground, Proof
from app.core.routing.queue_proofs import activity_proofs, attribute_proofs, queue_proofs
from app.core.routing.workflow_proofs import workflow_proofs


def prove(rules: Rules, workers: Sequence[Worker], tasks: Sequence[Values] = ()) -> tuple[Proof, ...]:
    """All that is proven, errors first. `tasks`: attributes of real tasks, as samples of what tasks have.

    What comes from the owner's file is left out: it was checked when it was read, and follows steps of its own.
    """
    ground = Ground(rules, workers, tasks)
    workflows = (workflow for workflow in rules.workflows.values() if not workflow.from_file)
    found = [
        *queue_proofs(ground),
        *(proof for workflow in workflows for proof in workflow_proofs(ground, workflow)),
        *activity_proofs(ground),
        *attribute_proofs(ground),
    ]
    return tuple(sorted(found, key=lambda proof: proof.severity == "warning"))
