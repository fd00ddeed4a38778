"""Settings: what no environment may have, what production may not have, and errors without values."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.settings import (
    DEVELOPMENT_JWT_SECRET,
    DEVELOPMENT_LIVEKIT_SECRET,
    DEVELOPMENT_STRIPE_KEY,
    DEVELOPMENT_TOTP_KEY,
    Settings,
    SettingsInvalid,
    settings,
)

ROOT = Path(__file__).parents[2]
# Built here, so that no value that production accepts stands in the repository.
BODY = "aB3" * 10
PRODUCTION = {
    "AULA_ENV": "production",
    "AULA_DATABASE_URL": "postgresql://aula:pass-of-the-host@db.internal/aula",
    "AULA_REDIS_URL": "redis://valkey.internal/0",
    "AULA_PUBLIC_URL": "https://courses.test",
    "AULA_JWT_SECRET": f"jwt-{BODY}",
    "AULA_TOTP_KEY": f"totp-{BODY}",
    "AULA_STRIPE_SECRET_KEY": f"sk_live_{BODY}",
    "AULA_STRIPE_WEBHOOK_SECRET": f"whsec_{BODY}",
    "AULA_STRIPE_LIVEMODE": "true",
    "AULA_LIVEKIT_URL": "wss://live.courses.test",
    "AULA_LIVEKIT_API_KEY": "APIcourses",
    "AULA_LIVEKIT_API_SECRET": f"livekit-{BODY}",
    "AULA_SMTP_HOST": "smtp.internal",
    "AULA_SMTP_SECURITY": "starttls",
    "AULA_TRUSTED_PROXIES": "10.0.0.0/8",
    "AULA_MAIL_SENDER": "Courses <no-reply@courses.test>",
    "AULA_CONTROLLER": "Courses Ltd, 1 Test Street, Testville",
    "AULA_CONTROLLER_EMAIL": "office@courses.test",
}
TEXT_FILES = {"", ".html", ".ini", ".js", ".md", ".py", ".sh", ".sql", ".toml", ".yaml", ".yml"}
STRIPE_VALUE = re.compile(r"\b(?:whsec|[sr]k_(?:test|live))_[A-Za-z0-9_]+")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"AULA_{name.upper()}", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


def refusal(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> str:
    """What the start says; no given secret is in it, nor in pydantic's own error."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as refused:
        settings()
    with pytest.raises(ValidationError) as own:
        Settings()
    for name, field in Settings.model_fields.items():
        value = variables.get(f"AULA_{name.upper()}")
        if value and value.strip() and "SecretStr" in str(field.annotation):
            for text in (str(refused.value), repr(refused.value), str(own.value), repr(own.value)):
                assert value not in text
    return str(refused.value)


def starts(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return settings()


def test_settings_of_development_need_no_variable() -> None:
    assert settings().stripe_secret_key.get_secret_value() == DEVELOPMENT_STRIPE_KEY


@pytest.mark.parametrize("prefix", ["sk_live_", "rk_live_"])
def test_settings_of_production_are_accepted_when_all_are_real(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    assert starts(monkeypatch, {**PRODUCTION, "AULA_STRIPE_SECRET_KEY": prefix + BODY}).env == "production"


@pytest.mark.parametrize("env", ["development", "test", "production"])
@pytest.mark.parametrize(
    ("prefix", "livemode"),
    [("sk_live_", "false"), ("rk_live_", "false"), ("sk_test_", "true"), ("rk_test_", "true")],
)
def test_settings_refuse_a_key_of_the_other_mode(
    monkeypatch: pytest.MonkeyPatch, env: str, prefix: str, livemode: str
) -> None:
    changes = {"AULA_ENV": env, "AULA_STRIPE_SECRET_KEY": prefix + BODY, "AULA_STRIPE_LIVEMODE": livemode}
    message = refusal(monkeypatch, {**PRODUCTION, **changes})
    assert "AULA_STRIPE_SECRET_KEY is a" in message
    assert f"AULA_STRIPE_LIVEMODE is {livemode}" in message


@pytest.mark.parametrize(
    ("prefix", "livemode"),
    [("sk_live_", "true"), ("rk_live_", "true"), ("sk_test_", "false"), ("rk_test_", "false")],
)
def test_settings_accept_a_key_of_their_mode(monkeypatch: pytest.MonkeyPatch, prefix: str, livemode: str) -> None:
    starts(monkeypatch, {"AULA_STRIPE_SECRET_KEY": prefix + BODY, "AULA_STRIPE_LIVEMODE": livemode})


def test_settings_accept_the_emulators_key_in_live_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    starts(monkeypatch, {"AULA_STRIPE_SECRET_KEY": DEVELOPMENT_STRIPE_KEY, "AULA_STRIPE_LIVEMODE": "true"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AULA_DATABASE_URL", "postgresql://aula:development-only@postgres:5432/aula"),
        ("AULA_PUBLIC_URL", "http://courses.test"),
        ("AULA_PUBLIC_URL", "courses.test"),
        ("AULA_JWT_SECRET", "a" * 64),
        ("AULA_JWT_SECRET", DEVELOPMENT_JWT_SECRET),
        ("AULA_JWT_SECRET", f"{DEVELOPMENT_JWT_SECRET}-and-more"),
        ("AULA_TOTP_KEY", "a" * 64),
        ("AULA_LIVEKIT_URL", "ws://live.courses.test"),
        ("AULA_LIVEKIT_API_SECRET", "a" * 64),
        ("AULA_LIVEKIT_API_SECRET", DEVELOPMENT_LIVEKIT_SECRET),
        ("AULA_TOTP_KEY", f"totp-{BODY}, {DEVELOPMENT_TOTP_KEY}"),
        ("AULA_STRIPE_SECRET_KEY", f"pk_live_{BODY}"),
        ("AULA_STRIPE_WEBHOOK_SECRET", f"wh_{BODY}"),
        ("AULA_STRIPE_WEBHOOK_SECRET", f"whsec_{BODY}, {BODY}"),
        ("AULA_STRIPE_WEBHOOK_SECRET", f"whsec_{BODY}, whsec_development"),
        ("AULA_STRIPE_API_BASE", "https://stripe.internal"),
        ("AULA_METRICS_TOKEN", "development-only-metrics-token-0123"),
        ("AULA_FLOWER_BASIC_AUTH", "operator:development-only-flower"),
        ("AULA_FLOWER_BASIC_AUTH", BODY),
        ("AULA_FLOWER_BASIC_AUTH", "operator:short"),
        ("AULA_FLOWER_BASIC_AUTH", f"operator:{BODY},other:{BODY}"),
    ],
)
def test_settings_of_production_refuse_a_value_and_name_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    message = refusal(monkeypatch, {**PRODUCTION, name: value})
    assert set(re.findall(r"AULA_\w+", message)) == {name}


@pytest.mark.parametrize(
    "name", sorted(PRODUCTION.keys() - {"AULA_ENV", "AULA_STRIPE_LIVEMODE"}), ids=lambda name: name.lower()
)
def test_settings_of_production_refuse_a_default(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    message = refusal(monkeypatch, {given: value for given, value in PRODUCTION.items() if given != name})
    assert f"{name} must be set" in message


@pytest.mark.parametrize("env", ["development", "test", "production"])
def test_settings_refuse_a_short_metrics_token(monkeypatch: pytest.MonkeyPatch, env: str) -> None:
    message = refusal(monkeypatch, {**PRODUCTION, "AULA_ENV": env, "AULA_METRICS_TOKEN": "m" * 31})
    assert "AULA_METRICS_TOKEN must have at least 32 characters" in message


def repository_values() -> set[str]:
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    paths = [*ROOT.iterdir(), *(path for folder in folders for path in folder.rglob("*"))]
    texts = [
        path.read_text(encoding="utf-8", errors="replace")
        for path in paths
        if path.is_file() and path.suffix in TEXT_FILES
    ]
    return {value for text in texts for value in STRIPE_VALUE.findall(text)}


def test_settings_of_production_refuse_every_stripe_value_of_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    values = repository_values()
    assert {"whsec_development", "sk_test_development", DEVELOPMENT_STRIPE_KEY} <= values
    for value in sorted(values):
        name = "AULA_STRIPE_WEBHOOK_SECRET" if value.startswith("whsec_") else "AULA_STRIPE_SECRET_KEY"
        livemode = "false" if value.startswith(("sk_test_", "rk_test_")) else "true"
        message = refusal(monkeypatch, {**PRODUCTION, "AULA_STRIPE_LIVEMODE": livemode, name: value})
        assert set(re.findall(r"AULA_\w+", message)) == {name}, value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AULA_JWT_SECRET", "short-secret-of-one-operator"),
        ("AULA_JWT_SECRET", ""),
        ("AULA_TOTP_KEY", "short-key-of-one-operator"),
        ("AULA_LIVEKIT_API_SECRET", "short-secret-of-one-server"),
        ("AULA_LIVEKIT_URL", "live.courses.test"),
        ("AULA_TOTP_KEY", f"totp-{BODY},"),
        ("AULA_TOTP_KEY", f"totp-{BODY}, short"),
        ("AULA_TOTP_KEY", "totp_\udcff_no_utf8_but_thirty_two_bytes_long"),
        ("AULA_STRIPE_SECRET_KEY", ""),
        ("AULA_STRIPE_WEBHOOK_SECRET", ""),
        ("AULA_STRIPE_WEBHOOK_SECRET", "  "),
        ("AULA_STRIPE_WEBHOOK_SECRET", "whsec_one_secret,"),
        ("AULA_STRIPE_WEBHOOK_SECRET", ", whsec_one_secret"),
        ("AULA_STRIPE_WEBHOOK_SECRET", "whsec_one_secret, , whsec_other_secret"),
        ("AULA_STRIPE_SECRET_KEY", "sk_test_\udcff_no_utf8"),
        ("AULA_JWT_SECRET", "jwt_\udcff_no_utf8_but_thirty_two_bytes_long"),
        ("AULA_ORDER_MINUTES", "soon"),
        ("AULA_AUDIT_PUBLIC_KEYS", "abc"),
        ("AULA_EVENT_RETENTION_DAYS", "59"),
        ("AULA_ENV", "staging"),
    ],
)
def test_settings_of_any_environment_refuse_a_value_and_name_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    assert set(re.findall(r"AULA_\w+", refusal(monkeypatch, {name: value}))) == {name}


def test_settings_name_every_variable_in_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {
        "AULA_JWT_SECRET": "a" * 40,
        "AULA_PUBLIC_URL": "http://courses.test",
        "AULA_STRIPE_WEBHOOK_SECRET": "whsec_development",
        "AULA_STRIPE_LIVEMODE": "false",
    }
    message = refusal(monkeypatch, {**PRODUCTION, **changes})
    assert set(re.findall(r"AULA_\w+", message)) == {*changes, "AULA_STRIPE_SECRET_KEY"}


def test_settings_count_a_jwt_secret_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    starts(monkeypatch, {"AULA_JWT_SECRET": "å" * 8 + "ö" * 8})


def test_settings_ignore_spaces_around_totp_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    given = starts(monkeypatch, {"AULA_TOTP_KEY": f" new-{BODY} , old-{BODY} "})
    assert given.totp_keys == (f"new-{BODY}", f"old-{BODY}")


def test_settings_ignore_spaces_around_webhook_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    given = starts(monkeypatch, {"AULA_STRIPE_WEBHOOK_SECRET": " whsec_new , whsec_old "})
    assert given.webhook_secrets == ("whsec_new", "whsec_old")


@pytest.mark.parametrize("module", ["api.main", "workers.app"])
def test_settings_that_are_refused_end_the_start_without_a_secret(module: str) -> None:
    secret = "secret-too-short"
    done = subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, "-c", f"import {module}; {module}"],
        cwd=ROOT,
        env={"AULA_JWT_SECRET": secret, "AULA_STRIPE_SECRET_KEY": f"sk_live_{BODY}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "AULA_JWT_SECRET" in done.stderr
    assert "AULA_STRIPE_SECRET_KEY" in done.stderr
    assert secret not in done.stderr
    assert BODY not in done.stderr


AUDIT_KEY = "0f" * 32


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"AULA_AUDIT_KEY": "0F" * 32, "AULA_AUDIT_ANCHORS": "/anchors"}, "AULA_AUDIT_KEY must be 64 hex digits"),
        ({"AULA_AUDIT_KEY": AUDIT_KEY}, "AULA_AUDIT_KEY needs a place for the anchors"),
    ],
)
def test_settings_refuse_an_audit_key_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    assert named in refusal(monkeypatch, variables)


@pytest.mark.parametrize("place", ["AULA_AUDIT_ANCHORS", "AULA_OPERATOR_EMAIL"])
def test_settings_take_an_audit_key_with_a_place_for_its_anchors(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    given = starts(monkeypatch, {**PRODUCTION, "AULA_AUDIT_KEY": AUDIT_KEY, place: "x"})
    assert given.audit_trusted == ()
