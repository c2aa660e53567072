"""The parts of the owner's file that say what becomes of callers who wait, key by key (see `app.owner.schema`)."""

from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from app.core.config import Target
from app.owner.notation import TARGET_SCHEMA, Seconds, Text, To, YesNo, target
from app.owner.sheet import Sheet


def at_closing(value: object) -> Target | None:
    """`keep`, or a place to go."""
    return None if isinstance(value, str) and value.strip().lower() == "keep" else target(value)


AtClosing = Annotated[
    Target | None, PlainValidator(at_closing), WithJsonSchema({"oneOf": [{"enum": ["keep"]}, *TARGET_SCHEMA["oneOf"]]})
]


class EscalationSheet(Sheet):
    """One step for a caller who has waited too long, or who waits while much is going on."""

    after: Seconds | None = Field(default=None, description="How long the caller has waited, like `2 min`.", ge=1)
    when_waiting: int | None = Field(default=None, ge=1, le=10000, description="Once more than so many wait.")
    when_at_risk: YesNo | None = Field(default=None, description="`yes`: once too few are answered in time.")
    to: To | None = Field(default=None, description="Where the caller goes then.")
    raise_by: int | None = Field(default=None, ge=1, le=1000, description="How much more important the call becomes.")
    serves: Text | None = Field(default=None, description="Who else may serve from now on: a rule over agents.")
    say: Text | None = Field(default=None, description="What the caller is told.")


class LastAgentSheet(Sheet):
    """Callers wait for the agent who served them last, if that agent is on duty; then for anybody."""

    wait: Seconds = Field(description="How long they wait for that agent alone.", ge=1, le=600)
    days: int | None = Field(default=None, ge=1, le=30, description="How long that is remembered; 7 if left out.")


class AskedForSheet(Sheet):
    """Callers who ask for an agent by name."""

    wait: Seconds = Field(description="How long they wait for this agent.", ge=1, le=3600)
    then: To | None = Field(default=None, description="Where they go then; back to their queue if left out.")


class ServiceLevelSheet(Sheet):
    """How many calls are to be answered in time."""

    seconds: Seconds = Field(description="In time means: within this.", ge=1, le=3600)
    percent: int = Field(ge=1, le=100, description="So many of a hundred.")
