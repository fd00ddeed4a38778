import pytest

from core.accounts.password_rules import LONGEST, SHORTEST, PasswordWeak, check

_EMAIL = "somebody.long@aula.example"


@pytest.mark.parametrize(
    "password", ["x1" * (SHORTEST // 2), "ab" * (LONGEST // 2), "four words are fine", "åäö-åäö-åäö"]
)
def test_a_long_enough_password_is_accepted(password: str) -> None:
    check(password, _EMAIL)


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("x1" * 4 + "x", "10 to 128"),
        ("x1" * 64 + "x", "10 to 128"),
        ("Password123", "common"),
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
    # Ten letters with a ring, typed as two code points each, are ten characters.
    check("a\u030ab" * 5, _EMAIL)
    with pytest.raises(PasswordWeak):
        check("a\u030a" * 9, _EMAIL)
