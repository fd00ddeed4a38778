"""A stored secret is read with the key that sealed it, for the account that it is of, and for no other."""

from uuid import uuid4

import pytest

from core.accounts.sealed_secrets import SecretUnreadable, seal, unseal

OLD, NEW = "old key" * 5, "new key" * 5
OWNER = uuid4()


def test_a_secret_is_read_again_and_looks_different_each_time() -> None:
    sealed = seal([NEW], OWNER, "SECRET")
    assert unseal([NEW], OWNER, sealed) == "SECRET"
    assert b"SECRET" not in sealed
    assert seal([NEW], OWNER, "SECRET") != sealed


def test_the_first_key_seals_and_every_key_reads() -> None:
    before = seal([OLD], OWNER, "SECRET")
    assert unseal([NEW, OLD], OWNER, before) == "SECRET"
    assert unseal([NEW], OWNER, seal([NEW, OLD], OWNER, "SECRET")) == "SECRET"


def test_a_secret_is_unreadable_without_its_key() -> None:
    with pytest.raises(SecretUnreadable):
        unseal([NEW], OWNER, seal([OLD], OWNER, "SECRET"))


def test_a_secret_is_unreadable_for_another_account() -> None:
    with pytest.raises(SecretUnreadable):
        unseal([OLD], uuid4(), seal([OLD], OWNER, "SECRET"))


@pytest.mark.parametrize("position", [0, 12, -1])
def test_a_changed_secret_is_unreadable(position: int) -> None:
    sealed = bytearray(seal([OLD], OWNER, "SECRET"))
    sealed[position] ^= 1
    with pytest.raises(SecretUnreadable):
        unseal([OLD], OWNER, bytes(sealed))
