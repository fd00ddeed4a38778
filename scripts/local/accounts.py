"""Accounts for a server that refuses to run as root, such as PostgreSQL."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROBE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Account:
    """How to start a process as another user: a command prefix, or user and group ids."""

    name: str
    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        """Make the account the owner of a file or folder."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_use(self, program: Path, folder: Path) -> bool:
        """Try whether the account can run the program and write in the folder."""
        self.own(folder)
        return self._succeeds(program, "--version") and self._succeeds("test", "-w", folder)

    def run(self, *command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command and capture its output.

        Raises:
            OSError: the command cannot be started.
        """
        return subprocess.run(  # noqa: S603 - the commands are in this package
            [*self.prefix, *command],
            cwd=cwd,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )

    def _succeeds(self, *command: str | Path) -> bool:
        try:
            return self.run(*command).returncode == 0
        except (OSError, subprocess.SubprocessError):
            return False


def unprivileged_accounts(folder: Path) -> Iterator[Account]:
    """The accounts to try, best first, for a server with its data in `folder`."""
    if os.geteuid() != 0:
        yield Account("this user")
        return
    owner = folder.stat()
    if owner.st_uid != 0:
        yield Account("the folder's owner", uid=owner.st_uid, gid=owner.st_gid)
    unshare = shutil.which("unshare")
    if unshare is not None:
        # Root with another user id: no user is added, and no folder permission changes.
        prefix = (unshare, "--user", "--map-user=1000", "--map-group=1000")
        yield Account("a user namespace", prefix=prefix)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return
    yield Account("nobody", uid=nobody.pw_uid, gid=nobody.pw_gid)
