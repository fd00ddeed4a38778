import pytest

from core.accounts.email import normalise


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Somebody@Aula.Example", "somebody@aula.example"),
        ("a.b+c@xn--exmple-cua.se", "a.b+c@exämple.se"),
        ("A\u030asa@aula.example", "åsa@aula.example"),
    ],
)
def test_an_address_is_normalised(typed: str, kept: str) -> None:
    assert normalise(typed) == kept
    assert normalise(kept) == kept


@pytest.mark.parametrize(
    "typed", ["", "a", "@aula.example", "a@", "a@b", "a@b..c", "a@aula.example\n", "erased-1@erased.invalid"]
)
def test_an_invalid_address_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="must be an e-mail address"):
        normalise(typed)
