import json
import logging

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


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("550 <ottilia@aula.example>: no such user", "ottilia"),
        ("mailto:ottilia.t+x@mail.aula.example bounced", "ottilia"),
        ("connection to postgresql://aula:pass@db.internal/aula failed", "pass@"),
        ("Invalid API Key provided: sk_live_abc123", "abc123"),
        ("no signatures for whsec_abc123", "abc123"),
        ("Authorization: Bearer abc.def-123", "abc"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "c2ln"),
        ("duplicate key\nDETAIL:  Key (name)=(Ottilia) already exists.\n[SQL: insert]", "Ottilia"),
        ("null value\nDETAIL:  Failing row contains (1, Ottilia\nTestsson).", "Testsson"),
    ],
)
def test_personal_data_and_secrets_in_a_text_are_not_written(text: str, hidden: str) -> None:
    shown = hide_secrets(None, "info", {"event": "x", "error": text, "inner": [{"deep": text}]})
    assert hidden not in str(shown)


def test_the_rest_of_an_error_is_written() -> None:
    text = "duplicate key\nDETAIL:  Key (name)=(Ottilia) already exists.\n[SQL: insert into app.posts]"
    assert hide_secrets(None, "info", {"error": text}) == {
        "error": "duplicate key\nDETAIL:…\n[SQL: insert into app.posts]"
    }


@pytest.mark.parametrize("text", ["celery@worker-1 ready", "order 0199-aa paid", "POST /orders", "a@b"])
def test_a_text_without_personal_data_stays_as_it_is(text: str) -> None:
    assert hide_secrets(None, "info", {"event": text}) == {"event": text}


def test_a_line_of_a_library_has_no_personal_data(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    try:
        logging.getLogger("smtplib").warning("refused %s", "ottilia@aula.example")
    finally:
        structlog.reset_defaults()
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"]) == ("refused …", "warning")
