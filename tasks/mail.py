"""Mail."""

from core.clock import utc_now
from core.mail.send import Sending, prepare, sent
from core.messages import SendMail
from tasks import runtime
from tasks.outside import Outside, outside_task


def _call(sending: Sending) -> None:
    runtime.mailer().send(sending.letter)


send = outside_task(
    SendMail, Outside(prepare=prepare, call=_call, finish=lambda session, sending: sent(session, sending, utc_now()))
)
