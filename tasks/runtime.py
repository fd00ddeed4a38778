"""What a worker process holds: sessions, settings and chance. Made on first use in each process, never inherited."""

import random
from functools import cache

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from core.gateways.ports import MailGateway
from core.settings import Settings, settings
from core.wiring import mail_gateway
from db.engine import WORKER_POOL, make_ledger_engine, make_sessions
from db.statements import Statements

chance = random.SystemRandom()


@cache
def engine() -> Engine:
    """This process's connections."""
    return make_ledger_engine(settings().database_url, WORKER_POOL)


@cache
def sessions() -> sessionmaker[Session]:
    """Opens this process's transactions."""
    return make_sessions(engine())


@cache
def statements() -> Statements:
    """Runs this process's statements."""
    return Statements(engine())


@cache
def mailer() -> MailGateway:
    """Where mails go."""
    return mail_gateway(settings())


def config() -> Settings:
    """The settings of this process."""
    return settings()


def forget() -> None:
    """After a fork: leave the parent's connections to the parent and start anew."""
    if engine.cache_info().currsize:
        engine().dispose(close=False)
    for held in (engine, sessions, statements, mailer):
        held.cache_clear()
