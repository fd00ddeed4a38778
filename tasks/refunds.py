"""Refunds."""

from core.clock import utc_now
from core.messages import CreateRefund
from core.refunds.create import RefundCall, finish, prepare
from tasks import runtime
from tasks.decorators import external_task
from tasks.external import ExternalCall


def _call(call: RefundCall) -> None:
    call.make(runtime.payments())


create = external_task(
    CreateRefund,
    ExternalCall(
        prepare=lambda session, message: prepare(session, message, utc_now()),
        call=_call,
        finish=finish,
    ),
)
