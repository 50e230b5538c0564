"""TLS: at the embedded broker, at a Mosquitto with the files made for it, and towards a broker."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from datenbroker.process.tls import ServerTls, TlsFiles
from document_store.sqlite import SqliteDocumentStore
from iot_agents.devices.mosquitto import Registered, TlsListener, acl_file, password_file, tls_listeners
from iot_agents.devices.mqtt_credentials import BadName, CredentialAccess, MqttCredentials
from iot_agents.devices.topic_owners import TopicOwners
from iot_agents.networks.registry import NETWORKS
from iot_agents.registry import DeviceRegistry
from iot_agents.transports import Accept
from iot_agents.transports.mqtt_client import MqttClient
from iot_agents.transports.mqtt_embedded import EmbeddedMqtt
from iot_agents.transports.tls import ClientTls
from tests.iot_agents.brokers import MOSQUITTO, Mosquitto, free_port, wait_for_port
from tests.iot_agents.certificates import Authority, Pair
from tests.iot_agents.messages import TENANT, bin_device, topic
from tests.iot_agents.publisher import Publisher
from tests.iot_agents.sensor import Sensor

pytestmark = pytest.mark.anyio

Message = tuple[str, bytes]

USER = "gateway-17.herne.example"


def collect(got: list[Message]) -> Accept:
    async def accept(name: str, payload: bytes) -> None:
        got.append((name, payload))

    return accept


def numbered(count: int) -> list[Message]:
    return [(f"application/{number}", str(number).encode()) for number in range(count)]


class Site:
    """A registry with one device and one user who has a certificate, and an authority."""

    def __init__(self, folder: Path, store: SqliteDocumentStore) -> None:
        self.folder, self.authority = folder, Authority(folder / "certificates")
        self.registry, self.credentials = DeviceRegistry(store), MqttCredentials(store)
        self.accepted: list[Message] = []

    def embedded(self, required: bool) -> EmbeddedMqtt:
        files = TlsFiles(*self.authority.of_server(), self.authority.ca, required)
        access = CredentialAccess(self.credentials, TopicOwners(self.registry, NETWORKS))
        tls = ServerTls(files, "mqtt_tls_cert").context
        return EmbeddedMqtt(collect(self.accepted), port=None, tls=tls, tls_port=0, access=access)

    async def mosquitto(self) -> tuple[Mosquitto, int]:
        """It, and the port for those with a certificate; a watcher's messages come by the other one."""
        port, (certificate, key) = free_port(), self.authority.of_server()
        listener = TlsListener(str(certificate), str(key), str(self.authority.ca), port)
        users = await self.credentials.all()
        (self.folder / "passwords").write_text(password_file(users))
        (self.folder / "acl").write_text(acl_file(users, Registered(list(self.registry.all()), NETWORKS)))
        files = f"password_file {self.folder}/passwords\nacl_file {self.folder}/acl\n"
        return Mosquitto(self.folder / "mosquitto", files + tls_listeners(listener)).start(), port


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    store = SqliteDocumentStore.open(tmp_path / "site.sqlite")
    made = Site(tmp_path, store)
    await made.registry.register([bin_device(1)])
    await made.credentials.certify(TENANT, USER, "depot")
    yield made
    await store.close()


@asynccontextmanager
async def running(broker: EmbeddedMqtt) -> AsyncIterator[str]:
    await broker.start()
    yield broker.url
    await broker.stop()


@asynccontextmanager
async def entered(publisher: Publisher) -> AsyncIterator[Publisher]:
    """Connected by a thread: the other side of its handshake is this event loop."""
    await asyncio.to_thread(publisher.__enter__)
    yield publisher
    await asyncio.to_thread(publisher.__exit__, None, None, None)


async def sent(url: str, authority: Authority, pair: Pair | None, *topics: str) -> bool:
    """Whether a client with that certificate got its messages acknowledged."""

    def send() -> bool:
        try:
            with Publisher(url, ca_file=authority.ca, pair=pair) as publisher:
                publisher.publish_all((name, b"{}") for name in topics)
                return publisher.wait_for(len(topics), 1)
        except OSError:  # the handshake failed
            return False

    return await asyncio.to_thread(send)


async def test_who_has_a_certificate_is_who_it_says_and_keeps_to_its_topics(site: Site) -> None:
    async with running(site.embedded(required=True)) as url:
        known = site.authority.of_client(USER)
        assert url.startswith("mqtts://")
        assert await sent(url, site.authority, known, topic(1), topic(9))
        assert site.accepted == [(topic(1), b"{}")]


async def test_an_alternative_name_counts_too(site: Site) -> None:
    async with running(site.embedded(required=True)) as url:
        assert await sent(url, site.authority, site.authority.of_client("any", USER), topic(1))


async def test_no_certificate_a_strangers_and_an_unknown_name_are_turned_away(site: Site, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "elsewhere")
    async with running(site.embedded(required=True)) as url:
        for pair in (None, stranger.of_client(USER), site.authority.of_client("nobody")):
            assert not await sent(url, site.authority, pair, topic(1))
    assert site.accepted == []


async def test_where_certificates_are_optional_a_password_does(site: Site) -> None:
    made, password = await site.credentials.create(TENANT, "test")
    async with running(site.embedded(required=False)) as url:
        named = url.replace("//", f"//{made.id}:{password}@")
        assert await sent(named, site.authority, None, topic(1))
        assert not await sent(url.replace("//", f"//{USER}:@"), site.authority, None, topic(1))


@pytest.mark.skipif(MOSQUITTO is None, reason="the files are Mosquitto's: without it nobody reads them")
async def test_mosquitto_does_the_same_by_the_files(site: Site, tmp_path: Path) -> None:
    chief, password = await site.credentials.create(None, "watcher")
    mosquitto, port = await site.mosquitto()
    await asyncio.to_thread(wait_for_port, port)
    watcher = Sensor(mosquitto.port, chief.id, password)
    assert await asyncio.to_thread(watcher.connect)
    await asyncio.to_thread(watcher.subscribe)
    url, stranger = f"mqtts://127.0.0.1:{port}", Authority(tmp_path / "elsewhere")
    for pair in (None, stranger.of_client(USER)):
        assert not await sent(url, site.authority, pair, topic(1))
    await sent(url, site.authority, site.authority.of_client("nobody"), topic(1))
    await sent(url, site.authority, site.authority.of_client(USER), topic(9))
    assert await sent(url, site.authority, site.authority.of_client(USER), topic(1))
    assert await watcher.has_got(1) and watcher.got == [topic(1)]
    watcher.close()
    await asyncio.to_thread(mosquitto.stop)


@pytest.mark.parametrize("kind", ["embedded", "mosquitto"])
async def test_the_agents_show_a_certificate_to_the_broker(site: Site, kind: str) -> None:
    if kind == "mosquitto" and MOSQUITTO is None:
        pytest.skip("without Mosquitto there is only the embedded broker")
    await site.credentials.certify(None, "agents.herne.example", "agents")
    tls = ClientTls(site.authority.ca, *site.authority.of_client("agents.herne.example"))
    broker = site.embedded(required=True) if kind == "embedded" else None
    mosquitto, port = (None, 0) if broker else await site.mosquitto()
    if broker:
        await broker.start()
    url = broker.url if broker else f"mqtts://127.0.0.1:{port}"
    agents, bare = MqttClient(url, ignored, tls=tls), MqttClient(url, ignored, tls=ClientTls(site.authority.ca))
    for one in (agents, bare):
        await one.start()
    await asyncio.wait_for(agents.connected.wait(), 10)
    assert not bare.connected.is_set()
    for one in (agents, bare):
        await one.stop()
    if broker:
        await broker.stop()
    if mosquitto:
        await asyncio.to_thread(mosquitto.stop)


def ignored(topic: str, payload: bytes, done: Callable[[bool], None]) -> None:
    done(True)


async def test_many_messages_go_through_tls_beside_the_open_port(tmp_path: Path) -> None:
    authority, got = Authority(tmp_path), list[Message]()
    tls = ServerTls(TlsFiles(*authority.of_server()), "mqtt_tls_cert").context
    broker = EmbeddedMqtt(collect(got), port=0, tls=tls, tls_port=0)
    await broker.start()
    async with (
        entered(Publisher(broker.url)) as plain,
        entered(Publisher(broker.tls_url, "", authority.ca)) as encrypted,
    ):
        for publisher in (plain, encrypted):
            publisher.publish_all(numbered(200))
            assert await asyncio.to_thread(publisher.wait_for, 200)
    assert len(got) == 400
    await broker.stop()


async def test_a_renewed_certificate_is_shown_and_no_session_ends(tmp_path: Path) -> None:
    authority, got = Authority(tmp_path), list[Message]()
    server = ServerTls(TlsFiles(*authority.of_server()), "mqtt_tls_cert", look_seconds=0.05)
    await server.start()
    broker = EmbeddedMqtt(collect(got), port=None, tls=server.context, tls_port=0)
    await broker.start()
    async with entered(Publisher(broker.url, ca_file=authority.ca)) as publisher:
        before = await asyncio.to_thread(shown, broker)
        authority.of_server(days=60)
        for _ in range(100):
            if await asyncio.to_thread(shown, broker) != before:
                break
            await asyncio.sleep(0.05)
        assert await asyncio.to_thread(shown, broker) != before
        publisher.publish_all(numbered(5))
        assert await asyncio.to_thread(publisher.wait_for, 5)
    assert broker.counters()["connections"] >= 1 and got == numbered(5)
    await broker.stop()
    await server.stop()


def shown(broker: EmbeddedMqtt) -> str:
    """The certificate that a new client sees."""
    address = ("127.0.0.1", int(broker.tls_url.rpartition(":")[2]))
    return ssl.get_server_certificate(address, timeout=5)


async def test_a_peer_that_speaks_no_tls_harms_no_other(tmp_path: Path) -> None:
    authority, got = Authority(tmp_path), list[Message]()
    tls = ServerTls(TlsFiles(*authority.of_server()), "mqtt_tls_cert").context
    broker = EmbeddedMqtt(collect(got), port=None, tls=tls, tls_port=0)
    await broker.start()
    port = int(broker.tls_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as silent, socket.create_connection(("127.0.0.1", port)) as loud:
        silent.sendall(b"\x16\x03")
        loud.sendall(b"\x10\x10\x00\x04MQTT garbage")
        assert await sent(broker.tls_url, authority, None, "application/x")
    await broker.stop()


@pytest.mark.parametrize("name", ["", "a b", "user\ntopic readwrite #", "a:b", "#", "x" * 129, USER])
async def test_a_user_cannot_be_called_so(site: Site, name: str) -> None:
    with pytest.raises(BadName):
        await site.credentials.certify(TENANT, name, "sly")
