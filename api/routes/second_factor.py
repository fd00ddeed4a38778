"""The caller's second factor: an authenticator app. The answers have secrets, so none is stored under a key."""

from fastapi import APIRouter

from api.deps import Caller, SessionDep
from api.refusals import refuses
from api.schemas.accounts import FactorOut, RecoveryCodesOut, StartedFactorOut
from api.second_factor import OwnFactorDep
from core.accounts.factor_problems import CodeInvalid, FactorMissing, FactorNotStarted, FactorOn
from core.accounts.inputs import FactorChange, FactorConfirmation, FactorStart
from core.accounts.profile import PasswordWrong
from core.accounts.second_factor import state_of

router = APIRouter(prefix="/me/totp", tags=["me"])


@router.get("", operation_id="totp.get")
def get_totp(caller: Caller, session: SessionDep) -> FactorOut:
    """Whether the caller has a second factor, and how many recovery codes are unused."""
    return FactorOut.model_validate(state_of(session, caller.profile_id))


@router.post("", operation_id="totp.start")
@refuses(FactorOn, PasswordWrong)
def post_totp(body: FactorStart, factor: OwnFactorDep) -> StartedFactorOut:
    """Start a second factor. It counts when it is confirmed, within an hour; starting again replaces the secret."""
    return StartedFactorOut.of(*factor.start(body))


@router.post("/confirm", operation_id="totp.confirm")
@refuses(CodeInvalid, FactorNotStarted, FactorOn)
def post_confirm(body: FactorConfirmation, factor: OwnFactorDep) -> RecoveryCodesOut:
    """Turn the second factor on by a code of the authenticator. The recovery codes are shown this once.

    The caller's session counts as one with a second factor at once, its next access token says so. Every other session
    ends.
    """
    return RecoveryCodesOut(recovery_codes=[*factor.confirm(body)])


@router.delete("", status_code=204, operation_id="totp.turn_off")
@refuses(CodeInvalid, FactorMissing, PasswordWrong)
def delete_totp(body: FactorChange, factor: OwnFactorDep) -> None:
    """Turn the second factor off, and void the recovery codes. Every other session ends."""
    factor.turn_off(body)


@router.post("/recovery-codes", operation_id="totp.renew_codes")
@refuses(CodeInvalid, FactorMissing, PasswordWrong)
def post_recovery_codes(body: FactorChange, factor: OwnFactorDep) -> RecoveryCodesOut:
    """Make new recovery codes, shown this once; the earlier ones are void."""
    return RecoveryCodesOut(recovery_codes=[*factor.renew_codes(body)])
