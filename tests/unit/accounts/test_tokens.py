from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.accounts.tokens import issue, verify
from core.identity import Identity
from core.problems import Unauthorized
from core.settings import Settings

_NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_SETTINGS = Settings(env="test", access_token_seconds=600)
_ID = UUID("018f0000-0000-7000-8000-000000000000")
_IDENTITY = Identity(_ID, "teacher", _ID)


@pytest.mark.parametrize("seconds", [0, 599])
def test_a_token_is_valid_until_it_expires(seconds: int) -> None:
    token = issue(_SETTINGS, _IDENTITY, _NOW)
    assert verify(_SETTINGS, token, _NOW + timedelta(seconds=seconds)) == _IDENTITY


def test_expiry_is_judged_by_the_given_clock() -> None:
    with pytest.raises(Unauthorized, match="expired"):
        verify(_SETTINGS, issue(_SETTINGS, _IDENTITY, _NOW), _NOW + timedelta(seconds=600))


def test_a_token_of_another_issuer_is_refused() -> None:
    other = _SETTINGS.model_copy(update={"public_url": "https://elsewhere.example"})
    with pytest.raises(Unauthorized, match="not valid"):
        verify(_SETTINGS, issue(other, _IDENTITY, _NOW), _NOW)
