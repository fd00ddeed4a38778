"""What a worker process holds: sessions, settings and randomness. Made on first use, never inherited by a fork."""

import random
from functools import cache

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from core.ports.books import ProviderBooks
from core.ports.mail import MailGateway
from core.ports.payments import PaymentGateway
from core.ports.rooms import RoomGateway
from core.settings import Settings, settings
from core.webhooks.origin import Origin
from core.wiring.gateways import mail_gateway, payment_gateway, provider_books, room_gateway
from db.engine import REPEATED, STATEMENT_POOL, WORKER_POOL, make_jobs_engine, make_sessions
from db.statements import Statements

_random = random.SystemRandom()


@cache
def engine() -> Engine:
    """This process's connections for transactions."""
    return make_jobs_engine(settings().database_url, WORKER_POOL)


@cache
def statement_engine() -> Engine:
    """This process's connection for work that is one statement."""
    return make_jobs_engine(settings().database_url, STATEMENT_POOL, REPEATED)


@cache
def sessions() -> sessionmaker[Session]:
    """Opens this process's transactions."""
    return make_sessions(engine())


@cache
def statements() -> Statements:
    """Runs this process's statements."""
    return Statements(statement_engine())


@cache
def mailer() -> MailGateway:
    """The mail server."""
    return mail_gateway(settings())


@cache
def payments() -> PaymentGateway:
    """The payment provider."""
    return payment_gateway(settings())


@cache
def books() -> ProviderBooks:
    """The payment provider's lists and objects."""
    return provider_books(settings())


@cache
def rooms() -> RoomGateway:
    """The server of live rooms."""
    return room_gateway(settings())


def origin() -> Origin:
    """Whose events are ours."""
    return Origin(settings().stripe_livemode, settings().stripe_account)


def jitter() -> float:
    """A random share in 0..1, which spreads retries."""
    return _random.random()


def config() -> Settings:
    """The settings of this process."""
    return settings()


def reset_after_fork() -> None:
    """Leave the parent's connections to the parent, and make new ones."""
    for made in (engine, statement_engine):
        if made.cache_info().currsize:
            made().dispose(close=False)
    for held in (engine, sessions, statement_engine, statements, mailer, payments, books, rooms):
        held.cache_clear()
