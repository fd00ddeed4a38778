"""Errors in Stripe's form: https://docs.stripe.com/api/errors."""

from emulators.stripe.json_types import Json


class ApiError(Exception):
    """An error response: HTTP status and Stripe's type, code and parameter."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        payment_intent: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        details = {
            "code": code,
            "decline_code": decline_code,
            "message": message,
            "param": param,
            "payment_intent": payment_intent,
            "type": kind,
        }
        self.body: Json = {"error": {name: value for name, value in details.items() if value is not None}}


def missing(param: str) -> ApiError:
    """A required parameter is absent."""
    return ApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> ApiError:
    """A parameter the API does not have."""
    return ApiError(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def no_such(kind: str, object_id: str, *, status: int = 404, param: str = "id") -> ApiError:
    """No object has that id."""
    return ApiError(f"No such {kind}: '{object_id}'", status=status, code="resource_missing", param=param)


def unauthorized(message: str) -> ApiError:
    """The key is missing or wrong."""
    return ApiError(message, status=401)


def card_error(failure: Json, payment_intent: Json | None = None) -> ApiError:
    """A card, or the buyer's bank, declined; `failure` has a code, a message and perhaps a decline code."""
    return ApiError(
        failure["message"],
        status=402,
        kind="card_error",
        code=failure["code"],
        decline_code=failure.get("decline_code"),
        payment_intent=payment_intent,
    )
