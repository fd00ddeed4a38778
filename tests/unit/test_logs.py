import json

import pytest
import structlog

from core.logs import configure_logs, hide_secrets


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "access_token", "Authorization", "stripe_api_key", "jwt_secret", "Stripe-Signature"],
)
def test_a_secret_field_is_never_written(name: str) -> None:
    event = {"event": "x", name: "hunter2", "inner": {"deep": [{name: "hunter2"}], "order_id": 1}}
    shown = hide_secrets(None, "info", event)
    assert "hunter2" not in str(shown)
    assert shown["inner"]["order_id"] == 1


def _fail(hidden: str) -> None:
    raise LookupError(str(len(hidden)))


def test_a_line_is_json_and_its_traceback_has_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    try:
        _fail(f"hunter{2}")
    except LookupError:
        structlog.get_logger().exception("failed", order_id=7)
    finally:
        structlog.reset_defaults()
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["order_id"], line["level"]) == ("failed", 7, "error")
    assert "LookupError" in line["exception"]
    assert "hunter2" not in json.dumps(line)
