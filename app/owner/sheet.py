"""What every map of the owner's file has in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Sheet(BaseModel):
    """One map of the file. A key with nothing behind it counts as not written."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=lambda field: field.replace("_", " "))

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        known = {name.replace("_", " ") for name in cls.model_fields}
        return {key: value for key, value in data.items() if value is not None or key not in known}
