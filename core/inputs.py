"""The base of typed inputs: a field nobody knows is refused by name."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Input(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def unchanged() -> Any:  # noqa: ANN401 - stands in for a default of any type, as pydantic's own Field does
    """The default of an edit's field: what is not sent stays as it is, and null is not a way to say so."""
    return Field(default_factory=lambda: None)


class Edit(Input):
    """A partial change: at least one field."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"must name at least one of {', '.join(type(self).model_fields)}")
        return self

    def changes(self) -> dict[str, Any]:
        """What was sent, by field."""
        return self.model_dump(exclude_unset=True)
