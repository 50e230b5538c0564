"""Runs the broker of a folder behind uvicorn on a free port, and says on which as soon as it answers."""

import asyncio
import socket
import sys
from pathlib import Path

import uvicorn

from context_broker.app import ContextBroker


class AnnouncingServer(uvicorn.Server):
    """Writes its port to standard output once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            sys.stdout.write(f"{listening.getsockname()[1]}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    config = uvicorn.Config(ContextBroker(Path(sys.argv[1])), lifespan="on", log_level="error")
    asyncio.run(AnnouncingServer(config).serve(sockets=[bound]))
