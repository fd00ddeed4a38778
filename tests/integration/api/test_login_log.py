"""Refused logins in the log: who tried from where, without the address that was typed."""

from structlog.testing import capture_logs

from core.accounts.passwords import hash_password
from db.models import Profile
from tests.support.api_harness import ApiHarness

PASSWORD = "correct horse battery"
TYPED = "ottilia.testsson@aula.example"


def refused(api: ApiHarness, email: str) -> dict[str, object]:
    """The line about a login with a wrong password."""
    with capture_logs() as lines:
        answer = api.visitor().post("/auth/login", json={"email": email, "password": "wrong horse battery"})
    assert answer.status_code == 401
    (line,) = [one for one in lines if one["event"] == "login refused"]
    return dict(line)


def test_a_wrong_password_names_the_account_and_not_its_email(api: ApiHarness) -> None:
    owner = api.add(Profile(email=TYPED, password_hash=hash_password(PASSWORD), display_name="Ottilia Testsson"))
    line = refused(api, TYPED)
    assert line == {
        "event": "login refused",
        "log_level": "warning",
        "address": "127.0.0.1",
        "profile": str(owner.id),
    }


def test_an_unknown_address_is_a_keyed_hash_that_stays_the_same(api: ApiHarness) -> None:
    first, again, other = (refused(api, f"{name}@aula.example") for name in ("nils", "nils", "moa"))
    assert first["typed"] == again["typed"]
    assert first["typed"] != other["typed"]
    assert "nils" not in str(first)


def test_a_login_that_succeeds_is_not_logged_as_refused(api: ApiHarness) -> None:
    api.add(
        Profile(
            email="sven@aula.example",
            password_hash=hash_password(PASSWORD),
            display_name="Sven Testsson",
            email_proven_at=api.clock(),
        )
    )
    with capture_logs() as lines:
        answer = api.visitor().post("/auth/login", json={"email": "sven@aula.example", "password": PASSWORD})
    assert answer.status_code == 200
    assert [line for line in lines if line["event"] == "login refused"] == []
