"""The base classes of inputs. An unknown field is refused by name."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Input(BaseModel):
    """The base of all inputs."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def unchanged() -> Any:  # noqa: ANN401 - a default for a field of any type, as pydantic's own Field
    """The default of a field of an Edit: a field that is not sent stays unchanged. Null is not allowed instead."""
    return Field(default_factory=lambda: None)


class Edit(Input):
    """A partial change of at least one field."""

    @model_validator(mode="after")
    def _has_a_field(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"must name at least one of {', '.join(type(self).model_fields)}")
        return self

    def changes(self) -> dict[str, Any]:
        """The sent fields and their values."""
        return self.model_dump(exclude_unset=True)
