"""`aula users`: accounts and their roles."""

import sys
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.schemas.admin.base import Action as AdminAction
from api.schemas.admin.users import NewRole, UserOut
from core.accounts.inputs import RegisterInput
from core.accounts.invite import invite as invite_account
from core.accounts.password_rules import LONGEST, check
from core.accounts.passwords import hash_password
from core.accounts.register import Registration, register_proven
from core.accounts.roles import set_role
from core.accounts.second_factor import reset
from core.console.filters import UserFilter
from core.console.users import user_of, users
from core.problems import NotFound
from db.models import Profile, ProfileRole
from scripts.aula.database import acting, open_sessions, operator_of, reading
from scripts.aula.exits import CommandError, Exit
from scripts.aula.lists import Listing, add_list
from scripts.aula.options import Json, Operator, Reason, checked
from scripts.aula.output import age, show

app = typer.Typer(help="Accounts and their roles.")

add_list(
    app,
    Listing(
        UserFilter,
        users,
        UserOut.model_validate,
        {
            "id": lambda row: row.id,
            "email": lambda row: row.email,
            "role": lambda row: row.role,
            "age": lambda row: age(row.created_at),
        },
    ),
    "Accounts, the newest first; erased ones too.",
    "aula users list --role admin",
)

Who = Annotated[str, typer.Argument(metavar="EMAIL|ID", help="The account's address or id.")]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The account's address.")]
Name = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="The name of a new account; else the address up to its @.")
]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read a new account's password from stdin.")]


@app.command("show", epilog="Example: aula users show anna@example.com")
def show_user(who: Who, *, json: Json = False) -> None:
    """One account."""
    with reading() as session:
        found = UserOut.model_validate(_account(session, who))
    show(found, json=json)


@app.command("set-role", epilog="Example: aula users set-role anna@example.com teacher --reason 'hired'")
def give_role(who: Who, role: ProfileRole, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Give an account a role; the last operator keeps the role."""
    given = checked(NewRole, {"role": role, "reason": reason})
    with acting(operator) as by:
        account = _account(by.session, who)
        set_role(by.session, account.id, given.role, actor_id=by.actor_id, reason=given.reason)
        found = UserOut.model_validate(account)
    show(found, json=json)


@app.command(epilog="Example: aula users create-admin ops@example.com --reason 'the first operator'")
def create_admin(
    email: Email,
    reason: Reason,
    name: Name = None,
    operator: Operator = None,
    *,
    password_stdin: FromStdin = False,
    json: Json = False,
) -> None:
    """Make an account an operator. A new one gets a password; the first operator needs no other."""
    show(_create("admin", email, name, reason, operator, password_stdin=password_stdin), json=json)


@app.command(
    epilog="Example: pass show anna | aula users create-teacher anna@example.com --reason hired --password-stdin"
)
def create_teacher(
    email: Email,
    reason: Reason,
    name: Name = None,
    operator: Operator = None,
    *,
    password_stdin: FromStdin = False,
    json: Json = False,
) -> None:
    """Make an account a teacher's. A new one gets a password."""
    show(_create("teacher", email, name, reason, operator, password_stdin=password_stdin), json=json)


@app.command(epilog="Example: aula users invite anna@example.com teacher --reason hired")
def invite(
    email: Email, role: ProfileRole, reason: Reason, name: Name = None, operator: Operator = None, *, json: Json = False
) -> None:
    """Invite somebody: an email has a link, valid for 7 days, by which they choose a password."""
    wanted = checked(RegisterInput, {"email": email, "display_name": name or email.partition("@")[0], "password": ""})
    given = checked(NewRole, {"role": role, "reason": reason})
    with acting(operator) as by:
        account = invite_account(
            by.session,
            wanted.email,
            wanted.display_name,
            given.role,
            actor_id=by.actor_id,
            reason=given.reason,
            now=datetime.now(UTC),
        )
        found = UserOut.model_validate(account)
    show(found, json=json)


@app.command(epilog="Example: aula users reset-totp anna@example.com --reason 'lost the phone; known by voice'")
def reset_totp(who: Who, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Remove a second factor that its owner has lost. Their logins end, and an email tells them."""
    given = checked(AdminAction, {"reason": reason})
    with acting(operator) as by:
        account = _account(by.session, who)
        reset(by.session, account.id, by.now, actor_id=by.actor_id, reason=given.reason)
        found = UserOut.model_validate(account)
    show(found, json=json)


def _create(
    role: ProfileRole, email: str, name: str | None, reason: str, operator: str | None, *, password_stdin: bool
) -> UserOut:
    given = checked(NewRole, {"role": role, "reason": reason})
    with open_sessions() as sessions:
        with sessions.begin() as session:
            wanted = checked(
                RegisterInput, {"email": email, "display_name": name or email.partition("@")[0], "password": ""}
            )
            is_new = _find(session, wanted.email) is None
            if not (role == "admin" and _has_no_operator(session)):
                operator_of(session, operator)
        # No transaction is open while a password is typed and hashed.
        hashed = _new_password_hash(wanted.email, password_stdin=password_stdin) if is_new else ""
        with sessions.begin() as session:
            if is_new:
                new = Registration(wanted.email, hashed, wanted.display_name, wanted.locale)
                register_proven(session, new, datetime.now(UTC))
            account = _account(session, wanted.email)
            first = role == "admin" and _has_no_operator(session)
            actor_id = account.id if first else operator_of(session, operator)
            set_role(session, account.id, given.role, actor_id=actor_id, reason=given.reason)
            return UserOut.model_validate(account)


def _new_password_hash(email: str, *, password_stdin: bool) -> str:
    """The hash of a password that is typed twice, or read from stdin. Raises PasswordWeak, CommandError."""
    if password_stdin:
        password = sys.stdin.readline(LONGEST * 4).rstrip("\r\n")
    elif sys.stdin.isatty():
        password = typer.prompt(f"Password for {email}", hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise CommandError(f"{email} has no account yet: give its password by --password-stdin", Exit.USAGE)
    check(password, email)
    return hash_password(password)


def _account(session: Session, who: str) -> Profile:
    """The account of an address or an id. Raises NotFound."""
    try:
        return user_of(session, UUID(who))
    except ValueError:
        found = _find(session, who.lower())
    if found is None:
        raise NotFound(f"There is no account {who}.")
    return found


def _find(session: Session, email: str) -> Profile | None:
    return session.scalar(select(Profile).where(Profile.email == email, Profile.erased_at.is_(None)))


def _has_no_operator(session: Session) -> bool:
    is_admin = (Profile.role == "admin") & Profile.erased_at.is_(None)
    return session.scalar(select(Profile.id).where(is_admin).limit(1)) is None
