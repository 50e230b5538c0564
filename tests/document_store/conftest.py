"""The document stores under test: SQLite always, MongoDB where a server can be started."""

import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from document_store.mongodb import MongoDocumentStore
from document_store.sqlite import SqliteDocumentStore
from document_store.store import DocumentStore

IMAGE = "mongo:8"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def mongodb_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a MongoDB of this test run's own: an installed `mongod`, or Docker's image if it is at hand."""
    if program := shutil.which("mongod"):
        with _mongod(program, tmp_path_factory.mktemp("mongodb")) as url:
            yield url
    elif _docker_has_image():
        from testcontainers.mongodb import MongoDbContainer

        with MongoDbContainer(IMAGE) as container:
            yield container.get_connection_url()
    else:
        pytest.skip(f"MongoDB is not tested: neither mongod nor Docker with the image {IMAGE} is on this machine")


@pytest.fixture(params=["sqlite", "mongodb"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DocumentStore]:
    """An empty store, of each kind."""
    opened: DocumentStore
    if request.param == "sqlite":
        opened = SqliteDocumentStore.open(tmp_path / "folder" / "documents.db")
    else:
        url = request.getfixturevalue("mongodb_url")
        opened = await MongoDocumentStore.open(_with_database(url, tmp_path.name))
    yield opened
    await opened.close()


def _with_database(url: str, name: str) -> str:
    address, _, options = url.partition("?")
    return f"{address.rstrip('/')}/{name[-38:]}?{options or 'authSource=admin'}"


@contextmanager
def _mongod(program: str, folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        program,
        "--dbpath",
        str(folder),
        "--port",
        str(port),
        "--bind_ip",
        "127.0.0.1",
        "--logpath",
        str(folder / "log"),
    ]
    process = subprocess.Popen(command)
    try:
        yield f"mongodb://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _docker_has_image() -> bool:
    if not shutil.which("docker"):
        return False
    try:
        found = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return False
    return found.returncode == 0
