"""Checks of request parameters, with Stripe's error messages."""

from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from emulators.stripe.errors import ApiError, missing, unknown
from emulators.stripe.json_types import Json

Check = Callable[[object, str], Any]
_TRUTH = {"true": True, "false": False}
_METADATA_KEYS, _METADATA_KEY, _METADATA_VALUE = 50, 40, 500


def text(limit: int = 5_000) -> Check:
    """A non-empty string of at most `limit` characters."""

    def check(value: object, param: str) -> str:
        if not isinstance(value, str):
            raise ApiError(f"Invalid string: {value}", param=param)
        if not value:
            raise ApiError(
                f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a"
                f" parameter; however '{param}' cannot be unset. You should remove '{param}' from your request"
                " or supply a non-empty value.",
                code="parameter_invalid_empty",
                param=param,
            )
        if len(value) > limit:
            raise ApiError(f"Invalid string: must be at most {limit} characters", param=param)
        return value

    return check


def integer(low: int, high: int) -> Check:
    """A whole number from `low` to `high`."""

    def check(value: object, param: str) -> int:
        try:
            number = int(text()(value, param))
        except ValueError as error:
            raise ApiError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param) from error
        if number < low:
            raise ApiError(
                f"This value must be greater than or equal to {low}.", code="parameter_invalid_integer", param=param
            )
        if number > high:
            raise ApiError(
                f"This value must be less than or equal to {high}.", code="parameter_invalid_integer", param=param
            )
        return number

    return check


def decimal(low: float, high: float) -> Check:
    """A number above `low` and at most `high`."""

    def check(value: object, param: str) -> float:
        try:
            number = float(text()(value, param))
        except ValueError as error:
            raise ApiError(f"Invalid decimal: {value}", param=param) from error
        # Not a number is never above `low`.
        if not low < number <= high:
            raise ApiError(f"This value must be greater than {low} and at most {high}.", param=param)
        return int(number) if number.is_integer() else number

    return check


def boolean(value: object, param: str) -> bool:
    """`true` or `false`."""
    if value not in _TRUTH:
        raise ApiError(f"Invalid boolean: {value}", param=param)
    return _TRUTH[cast("str", value)]


def choice(*allowed: str) -> Check:
    """One of the given strings."""

    def check(value: object, param: str) -> str:
        if value not in allowed:
            *others, last = allowed
            raise ApiError(f"Invalid {param}: must be one of {', '.join(others)}, or {last}", param=param)
        return cast("str", value)

    return check


def url(value: object, param: str) -> str:
    """An absolute http or https address."""
    address: str = text()(value, param)
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ApiError("Not a valid URL", code="url_invalid", param=param)
    return address


def email(value: object, param: str) -> str:
    """An address with one @ and a domain."""
    address: str = text(800)(value, param)
    local, at, domain = address.partition("@")
    if not local or not at or "." not in domain or " " in address:
        raise ApiError(f"Invalid email address: {address}", code="email_invalid", param=param)
    return address


def optional(check: Check) -> Check:
    """`check`, or an empty string, which unsets the field (None)."""

    def check_or_unset(value: object, param: str) -> Any:  # noqa: ANN401 - the type is that of `check`
        return None if value == "" else check(value, param)

    return check_or_unset


def merge_metadata(current: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    """The metadata after an update: an empty value deletes its key, an empty `changes` deletes all."""
    if not changes:
        return {}
    return {name: value for name, value in {**current, **changes}.items() if value}


def metadata(value: object, param: str) -> dict[str, str]:
    """At most 50 pairs, keys of at most 40 and values of at most 500 characters."""
    if value == "":
        return {}
    if not isinstance(value, dict):
        raise ApiError("Invalid hash", param=param)
    pairs = cast("dict[str, str]", value)
    if len(pairs) > _METADATA_KEYS:
        raise ApiError("You can have up to 50 metadata keys.", param=param)
    for key, content in pairs.items():
        if len(key) > _METADATA_KEY:
            raise ApiError(f"Metadata keys can be at most 40 characters: {key}", param=param)
        if not isinstance(cast("object", content), str) or len(content) > _METADATA_VALUE:
            raise ApiError("Metadata values can be at most 500 characters.", param=f"{param}[{key}]")
    return pairs


def list_of(check: Check, limit: int = 100) -> Check:
    """A list of at most `limit` members that each pass `check`."""

    def check_all(value: object, param: str) -> list[Any]:
        if not isinstance(value, list):
            raise ApiError("Invalid array", param=param)
        members = cast("list[object]", value)
        if len(members) > limit:
            raise ApiError(f"Arrays can have at most {limit} members: {param}", param=param)
        return [check(member, f"{param}[{index}]") for index, member in enumerate(members)]

    return check_all


def fields(known: Mapping[str, Check], required: tuple[str, ...] = ()) -> Check:
    """An object with no other fields than `known`."""

    def check(value: object, param: str) -> Json:
        if not isinstance(value, dict):
            raise ApiError("Invalid object", param=param)
        return check_params(cast("Json", value), known, required, prefix=param)

    return check


def check_params(params: Json, known: Mapping[str, Check], required: tuple[str, ...] = (), *, prefix: str = "") -> Json:
    """Check and convert every parameter; raises `ApiError` that names the first invalid one."""

    def full(name: str) -> str:
        return f"{prefix}[{name}]" if prefix else name

    for name in params:
        if name not in known:
            raise unknown(full(name))
    for name in required:
        if name not in params:
            raise missing(full(name))
    return {name: known[name](value, full(name)) for name, value in params.items()}
