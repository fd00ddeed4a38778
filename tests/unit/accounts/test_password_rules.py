import pytest

from core.accounts.password_rules import LONGEST, SHORTEST, PasswordWeak, check

_EMAIL = "somebody.long@aula.example"


@pytest.mark.parametrize(
    "password", ["kvx!tz9wqp"[:SHORTEST], "horse blåmes " * (LONGEST // 13), "four words are fine", "åska-över-öland"]
)
def test_a_long_enough_password_is_accepted(password: str) -> None:
    check(password, _EMAIL)


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("x1" * 4 + "x", "10 to 128"),
        ("x1" * 64 + "x", "10 to 128"),
        ("Password123", "common"),
        ("Welcome2024", "common"),
        ("P@ssw0rd123", "common"),
        ("Sommar2024!", "common"),
        ("somebody1985", "common"),
        ("zzzzzzzzzzzz", "common"),
        ("Somebody.Long", "e-mail"),
        (_EMAIL.upper(), "e-mail"),
    ],
)
def test_the_refusal_names_the_rule(password: str, rule: str) -> None:
    with pytest.raises(PasswordWeak, match=rule) as refused:
        check(password, _EMAIL)
    assert refused.value.field == "password"
    assert password not in refused.value.detail


def test_length_is_counted_after_normalisation() -> None:
    # Two letters with marks, typed as two code points each, are two of ten characters.
    check("kva\u030ao\u0308tzwqpf", _EMAIL)
    with pytest.raises(PasswordWeak):
        check("kva\u030ao\u0308tzwqp", _EMAIL)
