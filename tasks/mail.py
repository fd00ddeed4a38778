"""Mail."""

from core.clock import utc_now
from core.mail.send import Sending, prepare, sent
from core.messages import SendMail
from tasks import runtime
from tasks.external import Outside, external_task


def _call(sending: Sending) -> None:
    runtime.mailer().send(sending.email)


send = external_task(
    SendMail, Outside(prepare=prepare, call=_call, finish=lambda session, sending: sent(session, sending, utc_now()))
)
