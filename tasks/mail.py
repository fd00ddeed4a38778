"""Mail."""

from sqlalchemy.orm import Session

from core.clock import utc_now
from core.mail.content import Addresses
from core.mail.send import PreparedMail, mark_sent, prepare
from core.messages import SendMail
from tasks import runtime
from tasks.decorators import external_task
from tasks.external import ExternalCall


def _call(prepared: PreparedMail) -> None:
    runtime.mailer().send(prepared.email)


def _prepare(session: Session, message: SendMail) -> PreparedMail | None:
    config = runtime.config()
    addresses = Addresses(config.app_url or config.public_url, config.public_url, config.jwt_secret.get_secret_value())
    return prepare(session, message, addresses=addresses)


send = external_task(
    SendMail,
    ExternalCall(
        prepare=_prepare, call=_call, finish=lambda session, prepared: mark_sent(session, prepared, utc_now())
    ),
)
