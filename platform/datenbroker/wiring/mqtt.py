"""The MQTT broker that the agents are on: another's, or the one of this process."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from datenbroker.errors import CannotStart
from datenbroker.process.mqtt_probe import ask_mqtt
from datenbroker.process.serving import is_loopback, listen
from datenbroker.process.tls import ServerTls, TlsFiles
from datenbroker.settings import PREFIX, Settings, option
from datenbroker.wiring.process import Process

if TYPE_CHECKING:
    import ssl

    from iot_agents.fiware.commands.sending import Publish
    from iot_agents.transports import Accept, HandIn
    from iot_agents.transports.access import Access
    from iot_agents.transports.tls import ClientTls


class Entrance(NamedTuple):
    """The agents' two doors for messages: with a task for each, and without."""

    accept: "Accept"
    hand_in: "HandIn"


async def start_transport(
    process: Process, entrance: Entrance, topics: Sequence[str], access: Callable[[], Awaitable["Access"]]
) -> tuple[str, "Publish"]:
    """The address of the broker, and by what messages are sent there. `access` is asked where the broker is ours."""
    if process.settings.mqtt_url:
        return await _client(process, entrance.hand_in, topics)
    return await _embedded(process, entrance.accept, access)


async def server_tls(process: Process, prefix: str = "") -> "ssl.SSLContext | None":
    """What the settings `<prefix>tls_cert` and `<prefix>tls_key` say, looked at anew while the process runs."""
    settings = process.settings
    certificate, key = _pair(settings, f"{prefix}tls_cert", f"{prefix}tls_key")
    client_ca = settings.mqtt_client_ca if prefix == "mqtt_" else None
    if certificate is None or key is None:
        return None
    files = TlsFiles(certificate, key, client_ca, settings.mqtt_client_certificates == "required")
    return (await process.started(ServerTls(files, f"{prefix}tls_cert"))).context


async def _client(process: Process, hand_in: "HandIn", topics: Sequence[str]) -> tuple[str, "Publish"]:
    from iot_agents.transports.mqtt_client import MqttClient
    from iot_agents.transports.tls import ClientTls

    settings = process.settings
    tls = ClientTls(settings.mqtt_ca_file, *_pair(settings, "mqtt_cert", "mqtt_key"))
    if any(tls):
        _check(tls, settings)
    client = MqttClient(
        settings.mqtt_url or "",
        hand_in,
        topics=topics,
        client_id=settings.agent_name,
        group=settings.mqtt_group,
        in_flight=settings.mqtt_in_flight,
        session=timedelta(days=settings.mqtt_session_days),
        tls=tls,
    )
    mqtt = await process.started(client)
    process.metrics.add_counters("mqtt", mqtt.counters, gauges={"connected", "under_way"})

    async def check() -> None:
        if not mqtt.connected.is_set():
            raise ConnectionError(f"not connected to {mqtt.url}")

    process.checks["MQTT"] = check
    return str(mqtt.url), mqtt.publish


async def _embedded(
    process: Process, accept: "Accept", access: Callable[[], Awaitable["Access"]]
) -> tuple[str, "Publish"]:
    from iot_agents.transports.mqtt_embedded import EmbeddedMqtt

    settings = process.settings
    tls = await server_tls(process, "mqtt_")
    _check_embedded(settings, tls)
    plain = None if settings.mqtt_tls_only else settings.mqtt_port
    # amqtt binds by itself: whether it can is asked beforehand, to say it like every other port
    if plain is not None:
        listen(settings.mqtt_host, plain, "mqtt_port").close()
    if tls is not None:
        listen(settings.mqtt_host, settings.mqtt_tls_port, "mqtt_tls_port").close()
    mqtt = EmbeddedMqtt(
        accept, host=settings.mqtt_host, port=plain, tls=tls, tls_port=settings.mqtt_tls_port, access=await access()
    )
    mqtt = await process.started(mqtt)
    process.metrics.add_counters("mqtt", mqtt.counters, gauges={"connected", "under_way"})
    process.checks["MQTT"] = lambda: ask_mqtt(mqtt.url)
    return mqtt.url, mqtt.publish


def _check_embedded(settings: Settings, tls: "ssl.SSLContext | None") -> None:
    if tls is None and (settings.mqtt_tls_only or settings.mqtt_client_ca):
        raise CannotStart(
            "The MQTT broker cannot use TLS without a certificate: set --mqtt-tls-cert and --mqtt-tls-key, "
            "or leave --mqtt-tls-only and --mqtt-client-ca out."
        )
    if settings.mqtt_client_certificates == "required" and settings.mqtt_client_ca is None:
        raise CannotStart("--mqtt-client-certificates required: say whose certificates, with --mqtt-client-ca FILE.")
    open_beside = not settings.mqtt_tls_only and not is_loopback(settings.mqtt_host)
    if settings.mqtt_client_certificates == "required" and open_beside:
        raise CannotStart(
            "--mqtt-client-certificates required: the port without TLS would let clients in by password alone; "
            "give --mqtt-tls-only true, or leave it at optional."
        )


def _pair(settings: Settings, certificate: str, key: str) -> tuple[Path | None, Path | None]:
    """`CannotStart` where one is given without the other."""
    pair: tuple[Path | None, Path | None] = (getattr(settings, certificate), getattr(settings, key))
    if (pair[0] is None) != (pair[1] is None):
        missing = key if pair[1] is None else certificate
        raise CannotStart(f"A certificate needs its key: give {option(missing)} ({PREFIX}{missing.upper()}) too.")
    return pair


def _check(tls: "ClientTls", settings: Settings) -> None:
    if not (settings.mqtt_url or "").startswith("mqtts://"):
        raise CannotStart("--mqtt-ca-file and --mqtt-cert are for TLS: write --mqtt-url mqtts://…")
    try:
        tls.context()
    except (OSError, ValueError) as error:
        files = ", ".join(str(path) for path in tls if path)
        raise CannotStart(f"TLS to the MQTT broker: {files} cannot be used: {error}.") from None
