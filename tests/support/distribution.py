"""A pytest plugin: how `make test` distributes the tests among the workers of pytest-xdist."""

import os
from typing import Final

import pytest
from xdist.remote import Producer  # pyright: ignore[reportMissingTypeStubs] - it has types, but no py.typed
from xdist.scheduler import LoadFileScheduling  # pyright: ignore[reportMissingTypeStubs] - likewise

_MOST_CORES: Final = 4
# Each of these tests starts a whole deployment: two at once would compete for the same cores.
_DEPLOYMENT_TESTS = ("tests/chaos/", "tests/e2e/")


class Distribution(LoadFileScheduling):
    """One worker runs all tests of a file, and one worker runs all tests that start a whole deployment."""

    def _split_scope(self, nodeid: str) -> str:
        return "deployments" if nodeid.startswith(_DEPLOYMENT_TESTS) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Distribution:
    return Distribution(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """No workers for a single file, which then starts sooner; else one more than cores: deployments wait much."""
    files = {config.invocation_params.dir / argument.partition("::")[0] for argument in config.args}
    return 0 if len(files) == 1 and all(file.is_file() for file in files) else min(_MOST_CORES, os.cpu_count() or 1) + 1
