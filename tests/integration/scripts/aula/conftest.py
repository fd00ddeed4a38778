import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.support.command_line import CommandLine
from tests.support.jobs import do
from tests.support.replays import an_operator


@pytest.fixture
def aula(database_url: str, sessions: sessionmaker[Session]) -> CommandLine:
    """The command line on the module's database, which has one operator."""
    do(sessions, "update app.profiles set role = 'member' where role = 'admin'")
    do(sessions, "delete from app.profiles where email = 'operator@aula.example'")
    an_operator(sessions)
    return CommandLine({"AULA_DATABASE_URL": database_url, "AULA_OPERATOR": None, "PGCONNECT_TIMEOUT": "5"})
