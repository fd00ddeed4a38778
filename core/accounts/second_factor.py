"""The second factor of an account: an authenticator app, and recovery codes for who has lost it.

Every function but `state_of` locks the profile first, as sign-ins do, so that two uses of one code are serial.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.accounts import recovery_codes, totp
from core.accounts.factor_problems import CodeInvalid, FactorMissing, FactorNotStarted, FactorOn, FactorRequired
from core.accounts.sealed_secrets import seal, unseal
from core.accounts.sessions import end_sessions
from core.audit.record import record, record_action
from core.audit.tags import Tag
from core.identity import Identity
from core.mail.queue import queue_mail
from db.models import Aal, LoginSession, Profile, TotpFactor

# From the start to the confirmation.
START_LIFE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FactorState:
    """Whether a second factor is on, since when, and how many recovery codes are unused."""

    confirmed_at: datetime | None
    recovery_codes: int


def state_of(session: Session, profile_id: UUID) -> FactorState:
    """The second factor as its owner may see it."""
    factor = session.get(TotpFactor, profile_id)
    return FactorState(factor and factor.confirmed_at, recovery_codes.left(session, profile_id))


def start(session: Session, keys: Sequence[str], profile_id: UUID, now: datetime) -> str:
    """A new secret, which counts when it is confirmed; it replaces one that is not. Raises FactorOn."""
    factor = _locked(session, profile_id)
    if factor and factor.confirmed_at:
        raise FactorOn("Turn it off first, to use another authenticator.")
    secret = totp.new_secret()
    session.merge(TotpFactor(profile_id=profile_id, secret=seal(keys, profile_id, secret), started_at=now))
    return secret


def confirm(session: Session, keys: Sequence[str], caller: Identity, code: str, now: datetime) -> Sequence[str]:
    """Turn the started factor on, and return its recovery codes. Raises FactorOn, FactorNotStarted, CodeInvalid.

    The caller's session is one with a second factor from now on; every other session ends.
    """
    factor = _locked(session, caller.profile_id)
    if factor and factor.confirmed_at:
        raise FactorOn("It was confirmed before.")
    if factor is None or factor.started_at + START_LIFE <= now:
        raise FactorNotStarted("Start with `POST /me/totp`, and confirm within an hour.")
    step = totp.step_of(unseal(keys, caller.profile_id, factor.secret), _plain(code), now)
    if step is None:
        raise CodeInvalid("The authenticator shows another code now.", field="code")
    factor.last_step, factor.confirmed_at = step, now
    session.flush()
    codes = recovery_codes.renew(session, caller.profile_id, now)
    _set_level(session, caller.session_id, "aal2")
    end_sessions(session, caller.profile_id, now, keep=caller.session_id)
    record(session, Tag.FACTOR_ON, caller.profile_id, actor_id=caller.profile_id)
    _tell(session, "second_factor_on", caller.profile_id, now)
    return codes


def turn_off(session: Session, keys: Sequence[str], caller: Identity, code: str, now: datetime) -> None:
    """Delete the factor and its recovery codes; every other session ends. Raises FactorMissing, CodeInvalid."""
    factor = _require(session, keys, caller, code, now)
    session.delete(factor)
    _set_level(session, caller.session_id, "aal1")
    end_sessions(session, caller.profile_id, now, keep=caller.session_id)
    record(session, Tag.FACTOR_OFF, caller.profile_id, actor_id=caller.profile_id)
    _tell(session, "second_factor_off", caller.profile_id, now)


def renew_codes(session: Session, keys: Sequence[str], caller: Identity, code: str, now: datetime) -> Sequence[str]:
    """New recovery codes; the earlier ones end. Raises FactorMissing, CodeInvalid."""
    _require(session, keys, caller, code, now)
    codes = recovery_codes.renew(session, caller.profile_id, now)
    record(session, Tag.RECOVERY_CODES_RENEWED, caller.profile_id, actor_id=caller.profile_id)
    _tell(session, "recovery_codes_renewed", caller.profile_id, now)
    return codes


def reset(session: Session, profile_id: UUID, now: datetime, *, actor_id: UUID, reason: str) -> None:
    """Delete a factor that its owner has lost; every session ends. Raises FactorMissing, NotFound."""
    factor = _locked(session, profile_id)
    if factor is None:
        raise FactorMissing("The account has no second factor.")
    session.delete(factor)
    end_sessions(session, profile_id, now)
    record_action(session, Tag.FACTOR_RESET, profile_id, actor_id=actor_id, reason=reason)
    _tell(session, "second_factor_reset", profile_id, now)


def level_of(session: Session, keys: Sequence[str], profile_id: UUID, code: str | None, now: datetime) -> Aal:
    """The level of a sign-in whose password was right. Uses the code up. Raises FactorRequired, CodeInvalid."""
    factor = _locked(session, profile_id)
    if factor is None or factor.confirmed_at is None:
        return "aal1"
    if not code:
        raise FactorRequired("Send the code of the authenticator as `code`, or a recovery code.")
    _use(session, keys, factor, code, now)
    return "aal2"


def _require(session: Session, keys: Sequence[str], caller: Identity, code: str, now: datetime) -> TotpFactor:
    """The caller's factor, with a code used up. Raises FactorMissing, CodeInvalid."""
    factor = _locked(session, caller.profile_id)
    if factor is None or factor.confirmed_at is None:
        raise FactorMissing("There is none; `POST /me/totp` starts one.")
    _use(session, keys, factor, code, now)
    return factor


def _use(session: Session, keys: Sequence[str], factor: TotpFactor, code: str, now: datetime) -> None:
    """Take a code of the authenticator or a recovery code, each once. Raises CodeInvalid."""
    plain = _plain(code)
    if not totp.is_totp(plain):
        _use_recovery_code(session, factor.profile_id, plain, now)
        return
    secret = unseal(keys, factor.profile_id, factor.secret)
    step = totp.step_of(secret, plain, now)
    if step is None or (factor.last_step is not None and step <= factor.last_step):
        raise CodeInvalid("A code counts once; wait for the next one.", field="code")
    factor.last_step = step
    # After a change of the key, the new one is in use from the next sign-in on.
    factor.secret = seal(keys, factor.profile_id, secret)


def _use_recovery_code(session: Session, profile_id: UUID, code: str, now: datetime) -> None:
    if not recovery_codes.use(session, profile_id, code, now):
        raise CodeInvalid("A recovery code counts once.", field="code")
    left = recovery_codes.left(session, profile_id)
    record(session, Tag.RECOVERY_CODE_USED, profile_id, actor_id=profile_id, data={"left": left})
    _tell(session, "recovery_code_used", profile_id, now, left=str(left))


def _locked(session: Session, profile_id: UUID) -> TotpFactor | None:
    session.get_one(Profile, profile_id, with_for_update={"key_share": True})
    return session.get(TotpFactor, profile_id, populate_existing=True)


def _set_level(session: Session, session_id: UUID, level: Aal) -> None:
    session.execute(update(LoginSession).where(LoginSession.id == session_id).values(aal=level))


def _plain(code: str) -> str:
    """The code as it is compared: people type it in groups, and in capitals."""
    return code.replace(" ", "").replace("-", "").lower()


def _tell(session: Session, template: str, profile_id: UUID, now: datetime, **params: str) -> None:
    queue_mail(session, template, f"{template}:{profile_id}:{now.isoformat()}", profile_id, **params)
