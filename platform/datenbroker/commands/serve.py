"""The commands that serve until they are stopped."""

import os
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from datenbroker.access_settings import AccessSettings
from datenbroker.commands.options import with_settings
from datenbroker.ingest_settings import IngestSettings
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from datenbroker.commands.terminal import Running

COMMON = ("data", "mongodb_url", "log_level", "log_format")
BROKER = ("broker_url", "temporal_url", "broker_timeout", "broker_limits", "allow_private_targets")
GATEWAY = ("host", "port", "tls_cert", "tls_key", "body_limit", "stop_timeout")
PRODUCT_STREAMS = ("product_streams", "product_stream_entities", "product_stream_interval")
PRODUCTS = ("product_limit", "product_exports", "product_aggregate_entities", *PRODUCT_STREAMS)
ACCESS = tuple(AccessSettings.model_fields)
MQTT_CLIENT = ("mqtt_url", "mqtt_ca_file", "mqtt_cert", "mqtt_key")
MQTT_TLS = ("mqtt_tls_cert", "mqtt_tls_key", "mqtt_tls_port", "mqtt_tls_only")
MQTT_CERTIFICATES = ("mqtt_client_ca", "mqtt_client_certificates")
EMBEDDED_MQTT = ("mqtt_host", "mqtt_port", *MQTT_TLS, *MQTT_CERTIFICATES)
COMMANDS = ("commands_url", "commands_port", "commands_waiting", "commands_lifetime", "commands_lease")
ADAPTERS = ("source_urls", "source_region", "source_lease", "source_refresh")
INGEST = tuple(IngestSettings.model_fields)
IOTA = ("iota_port", "iota_tls_cert", "iota_tls_key", "iota_key")
MQTT = (*MQTT_CLIENT, *EMBEDDED_MQTT, "codec_workers", "json_sources", *IOTA, *COMMANDS)

ReadyFile = Annotated[
    Path | None,
    typer.Option(help="Write addresses, keys and process id there (JSON) once requests are answered."),
]


@with_settings(*GATEWAY, *ACCESS, *PRODUCTS, *MQTT, *INGEST, *BROKER, *ADAPTERS, "speed", *COMMON)
def up(
    settings: Settings,
    demo: Annotated[bool, typer.Option("--demo", help="Bring the demo city of Herne to life.")] = False,
    ready_file: ReadyFile = None,
) -> None:
    """Run everything in one process: gateway, context broker, agents and adapters."""
    from datenbroker.main import Work, platform

    work = Work.GATEWAY | Work.AGENTS | Work.ADAPTERS
    serve(platform(settings, work | Work.DEMO if demo else work), settings, ready_file)


@with_settings(*GATEWAY, *ACCESS, *PRODUCTS, *INGEST, *BROKER, *COMMON)
def gateway(settings: Settings, ready_file: ReadyFile = None) -> None:
    """Run the gateway alone."""
    from datenbroker.main import Work, platform

    serve(platform(settings, Work.GATEWAY), settings, ready_file)


@with_settings("host", *MQTT, *INGEST, *BROKER, "stop_timeout", *COMMON)
def agents(settings: Settings, ready_file: ReadyFile = None) -> None:
    """Run the IoT agents alone: from MQTT to the context broker."""
    from datenbroker.main import Work, platform

    serve(platform(settings, Work.AGENTS), settings, ready_file)


ALONE = ("host", "data", "broker_limits", "allow_private_targets", "stop_timeout", "log_level", "log_format")


@with_settings(*ALONE, broker_port="--port")
def broker(settings: Settings, ready_file: ReadyFile = None) -> None:
    """Run the context broker alone, WITHOUT authentication, for any NGSI-LD client on this machine."""
    from datenbroker.main import broker_alone

    serve(broker_alone(settings), settings, ready_file)


def serve(serving: AbstractAsyncContextManager["Running"], settings: Settings, ready_file: Path | None) -> None:
    """Serves until Ctrl-C or SIGTERM, and says where."""
    from rich.console import Console

    from datenbroker.commands.terminal import show, write_ready_file
    from datenbroker.process import lifetime, logs

    logs.configure(settings.log_level, settings.log_format)

    def announce(running: "Running") -> None:
        show(running, Console())
        sys.stdout.flush()
        if ready_file is not None:
            write_ready_file(ready_file, running, os.getpid())

    lifetime.run(serving, announce)
