"""FIWARE's IoT agent as the settings want it: the agent, and the server with its doors over HTTP."""

import ssl
from datetime import timedelta
from typing import NamedTuple

import httpx

from datenbroker.errors import CannotStart
from datenbroker.process.serving import HttpServer, is_loopback, listen
from datenbroker.settings import Settings
from document_store.store import DocumentStore
from iot_agents.downlinks.dispatcher import Dispatcher
from iot_agents.fiware.agent import FiwareAgent
from iot_agents.fiware.app import app
from iot_agents.fiware.commands.configuration import Configurations
from iot_agents.fiware.commands.sending import Commands
from iot_agents.ingest.commits import Commits
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections


class Iota(NamedTuple):
    """To be started in this order."""

    agent: FiwareAgent
    server: HttpServer
    commands: Commands


class IntoBroker(NamedTuple):
    """What the agent reaches the context broker with; `commits` is shared with the agent of the network servers."""

    client: NgsiClient
    rejections: Rejections
    commits: Commits


def iota(
    settings: Settings,
    store: DocumentStore,
    into: IntoBroker,
    down: tuple[Dispatcher, httpx.AsyncClient],
    tls: ssl.SSLContext | None = None,
) -> Iota:
    """`down`: who sends commands, and by what they are pushed. With `tls` the doors are HTTPS.

    `CannotStart` where the port is taken, or anybody could provision.
    """
    host, key = settings.host, settings.iota_key
    if key is None and not is_loopback(host):
        raise CannotStart(
            f"The IoT agent's provisioning would be open to anybody on {host}: set DATENBROKER_IOTA_KEY, "
            "or give --host 127.0.0.1"
        )
    bound = listen(host, settings.iota_port or 0, "iota_port")
    agent = FiwareAgent(into.client, store, into.rejections, commits=into.commits)
    commands = Commands(agent, *down, timedelta(seconds=settings.commands_lifetime))
    agent.on_configuration = Configurations(into.client, commands, down[1]).answer
    doors = app(agent, commands, key=key, body_limit=int(settings.body_limit))
    return Iota(agent, HttpServer(doors, bound, settings.stop_timeout, tls), commands)
