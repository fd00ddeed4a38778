from core.accounts.passwords import DUMMY_HASH, hash_password, matches


def test_a_hash_matches_its_password_only() -> None:
    stored = hash_password("correct horse")
    assert matches(stored, "correct horse")
    assert not matches(stored, "correct horsf")


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password("correct horse") != hash_password("correct horse")


def test_a_password_is_normalised_before_hashing() -> None:
    assert matches(hash_password("A\u030angstro\u0308m"), "\u00c5ngstr\u00f6m")


def test_the_hash_of_no_account_matches_no_password() -> None:
    assert not matches(None, "")
    assert not matches("", "")
    assert not matches("not a hash", "correct horse")


def test_the_hash_of_no_account_costs_as_much_as_others() -> None:
    parameters, stored = DUMMY_HASH.rsplit("$", 2)[0], hash_password("correct horse")
    assert stored.rsplit("$", 2)[0] == parameters == "$argon2id$v=19$m=65536,t=3,p=4"
