"""kill -9 under load, again and again: what was answered 2xx is there, as it was answered."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio
KILLS = 20
PROGRAM = Path(__file__).with_name("server_process.py")


async def start(folder: Path) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), str(folder), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    port = await asyncio.wait_for(process.stdout.readline(), timeout=20)
    return process, f"http://127.0.0.1:{port.decode().strip()}/ngsi-ld/v1"


class Load:
    """One client that creates, changes and deletes its own entities, and knows what it was told."""

    def __init__(self, number: int) -> None:
        self.number, self.step = number, 0
        self.known: dict[str, int | None] = {}
        self.open: dict[str, int | None] = {}
        """What was asked and not answered: it may be there or not."""

    async def run(self, http: httpx.AsyncClient) -> None:
        try:
            while True:
                await self.once(http)
        except httpx.TransportError:
            return

    async def once(self, http: httpx.AsyncClient) -> None:
        self.step += 1
        id_, value = f"urn:x:{self.number}-{self.step % 11}", self.step
        deletes = self.known.get(id_) is not None and self.step % 5 == 0
        self.open = {id_: None if deletes else value}
        entity = {"id": id_, "type": "T", "p": value, "text": "x" * 200}
        if deletes:
            answer = await http.delete(f"/entities/{id_}")
        elif self.step % 2 or self.known.get(id_) is None:
            answer = await http.post("/entityOperations/upsert", json=[entity])
        else:
            answer = await http.patch(f"/entities/{id_}/attrs", json={"p": value})
        assert answer.status_code < 300, answer.text
        self.known |= self.open
        self.open = {}

    async def check(self, http: httpx.AsyncClient) -> None:
        for id_, value in {**self.known, **self.open}.items():
            answer = await http.get(f"/entities/{id_}", params={"format": "simplified"})
            found: Any = answer.json()["p"] if answer.status_code == 200 else None
            assert found in ({self.known.get(id_), value} if id_ in self.open else {value}), (id_, found, value)
            self.known[id_] = found
        self.open = {}


async def test_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    loads = [Load(number) for number in range(8)]
    for kill in range(KILLS):
        process, url = await start(tmp_path)
        async with httpx.AsyncClient(base_url=url) as http:
            await asyncio.gather(*(load.check(http) for load in loads))
            running = [asyncio.create_task(load.run(http)) for load in loads]
            await asyncio.sleep(0.2 + kill % 5 * 0.1)
            process.send_signal(signal.SIGKILL)
            await asyncio.gather(*running)
        await process.wait()
    assert sum(load.step for load in loads) > 100
    process, url = await start(tmp_path)
    async with httpx.AsyncClient(base_url=url) as http:
        await asyncio.gather(*(load.check(http) for load in loads))
    process.terminate()
    await process.wait()
