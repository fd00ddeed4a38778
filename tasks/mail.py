"""Mail."""

from core.clock import utc_now
from core.mail.send import Sending, prepare, sent
from core.messages import SendMail
from tasks import runtime
from tasks.decorators import external_task
from tasks.external import ExternalCall


def _call(sending: Sending) -> None:
    runtime.mailer().send(sending.email)


send = external_task(
    SendMail,
    ExternalCall(prepare=prepare, call=_call, finish=lambda session, sending: sent(session, sending, utc_now())),
)
