"""The base classes of inputs. An unknown field is refused by name."""

from collections.abc import Mapping
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from core.text import is_well_formed

# Lengths that Pydantic counts after a validator, where it knows no type: all of them are of text here.
_LENGTHS: Final = {"too_short": ("at least", "min_length"), "too_long": ("at most", "max_length")}


def rule_of(error: Mapping[str, Any]) -> str:
    """The rule that an input breaks, as a Pydantic error tells it; without the value, which may be a password."""
    context = error.get("ctx", {})
    if error["type"] in _LENGTHS and context["field_type"] == "Value":
        words, limit = _LENGTHS[error["type"]]
        return f"must have {words} {context[limit]} characters"
    return str(error["msg"]).removeprefix("Value error, ")


class Input(BaseModel):
    """The base of all inputs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _has_well_formed_text(cls, value: object) -> object:
        # Passwords and tokens too, which have no type of core.text. Inputs inside are checked by their own class.
        if isinstance(value, str) and not is_well_formed(value):
            raise ValueError("must be well-formed Unicode text")
        return value


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
