"""The folder of everything that survives a restart: locks, secrets of the demo, files of the stores."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from datenbroker.errors import CannotStart, DataInUse


def open_folder(path: Path) -> Path:
    """The folder, made where it is missing; `CannotStart` where that is impossible."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"The data folder {path.absolute()} cannot be used ({error.strerror}). "
            "Choose another: --data DIR or DATENBROKER_DATA."
        ) from None
    return path


@contextmanager
def held(folder: Path, what: str) -> Iterator[None]:
    """Holds `<what>.lock` for this process; `DataInUse` where another does. The kernel lets go if the process dies."""
    path = folder / f"{what}.lock"
    try:
        lock = path.open("a+")
    except OSError as error:
        raise CannotStart(f"{path.absolute()} cannot be written ({error.strerror}): check who owns --data.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DataInUse(
                f"The {what} in {folder.absolute()} is in use by process {lock.read().strip() or '?'}. "
                f"Stop that process, or choose another folder: --data DIR or DATENBROKER_DATA."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def write_private(path: Path, content: Any) -> None:
    """Write JSON so that only this user can read it, and so that nobody ever reads half of it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read_json(path: Path) -> Any:
    """What the file says, or None where there is none or it is damaged."""
    try:
        return orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None
