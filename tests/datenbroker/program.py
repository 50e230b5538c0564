"""The `datenbroker` program as a process of its own, as an operator starts it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from datenbroker.cli import main

COMMAND = [sys.executable, "-m", "datenbroker.cli"]
READY_SECONDS = 20.0


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without the settings of whoever runs the tests, and with those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATENBROKER_")}
    return kept | {f"DATENBROKER_{name.upper()}": value for name, value in settings.items()}


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end in `folder`."""
    command = [*COMMAND, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(**settings), capture_output=True, text=True, timeout=30, check=False
    )


def invoke(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The same within this process, which takes a tenth of the time."""
    output, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["datenbroker", *arguments])
        for name in [name for name in os.environ if name.startswith("DATENBROKER_")]:
            patch.delenv(name)
        with pytest.raises(SystemExit) as ended:
            main()
    return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), output.getvalue(), errors.getvalue())


@dataclass
class Program:
    """A running command; `ready` is what its ready file says."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, float, str, str]:
        """Exit code, seconds taken, standard output and error."""
        began = time.monotonic()
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=15)
        return self.process.returncode, time.monotonic() - began, output, errors


@contextmanager
def program(folder: Path, *arguments: str, **settings: str) -> Iterator[Program]:
    """Runs a serving command until the block ends; the block starts once requests are answered."""
    ready_file = folder / "ready.json"
    ready_file.unlink(missing_ok=True)
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--ready-file", str(ready_file)],
        cwd=folder,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Program(process, _ready(process, ready_file))
    finally:
        if process.poll() is None:
            process.kill()
        if not process.stdout or not process.stdout.closed:
            process.communicate()


def _ready(process: subprocess.Popen[str], ready_file: Path) -> dict[str, Any]:
    deadline = time.monotonic() + READY_SECONDS
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise AssertionError(f"not ready: {process.communicate()[1][-2000:]}")
        time.sleep(0.02)
    ready: dict[str, Any] = json.loads(ready_file.read_bytes())
    return ready
