"""The running application and its document as a file."""

from collections.abc import Generator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.support.api_harness import ApiHarness, open_api


@pytest.fixture(scope="module")
def api(database_url: str) -> Generator[ApiHarness]:
    with open_api(Settings(env="test", database_url=database_url)) as opened:
        yield opened


@pytest.fixture(scope="module")
def document(api: ApiHarness, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the document that the application serves."""
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_bytes(api.visitor().get("/openapi.json").content)
    return file
