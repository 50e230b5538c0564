"""All settings of the platform. Nothing else reads the environment."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import ByteSize, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsConfigDict

from datenbroker.access_settings import AccessSettings, address
from datenbroker.adapter_settings import AdapterSettings
from datenbroker.catalogue.settings import CatalogueSettings
from datenbroker.errors import CannotStart
from datenbroker.ingest_settings import IngestSettings

PREFIX = "DATENBROKER_"


Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(CatalogueSettings, AdapterSettings, IngestSettings, AccessSettings):
    """Frozen; each setting is the variable `DATENBROKER_<NAME>` and an option of the commands that use it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    host: str = Field(
        "127.0.0.1", description="Address the gateway (or `broker`) listens on; 0.0.0.0 for every interface."
    )
    port: Port = Field(8080, description="Port of the gateway; 0 for one chosen by the kernel.")
    tls_cert: Path | None = Field(
        None, description="Certificate (PEM, with its chain) of the gateway, which then serves HTTPS; needs tls_key."
    )
    tls_key: Path | None = Field(None, description="Key (PEM, without a password) of the gateway's certificate.")
    mqtt_url: Annotated[str, address("mqtt", "mqtts")] | None = Field(
        None,
        description="MQTT broker, mqtt://host:port or mqtts://user:password@host:port. Without it one runs in-process.",
    )
    mqtt_host: str = Field(
        "127.0.0.1",
        description="Address the embedded MQTT broker listens on; others than this machine's need credentials.",
    )
    mqtt_port: Port = Field(1883, description="Port of the embedded MQTT broker; 0: the kernel chooses.")
    mqtt_tls_cert: Path | None = Field(
        None, description="Certificate (PEM, with its chain) of the embedded MQTT broker; needs mqtt_tls_key."
    )
    mqtt_tls_key: Path | None = Field(
        None, description="Key (PEM, without a password) of the embedded MQTT broker's certificate."
    )
    mqtt_tls_port: Port = Field(
        8883, description="Port of the embedded MQTT broker for TLS, where it has a certificate."
    )
    mqtt_tls_only: bool = Field(False, description="Let the embedded MQTT broker listen on no port without TLS.")
    mqtt_client_ca: Path | None = Field(
        None,
        description="Authorities (PEM) whose certificates prove at the embedded MQTT broker who a client is.",
    )
    mqtt_client_certificates: Literal["optional", "required"] = Field(
        "optional",
        description="Whether clients on the TLS port need a certificate of mqtt_client_ca, or may show a password.",
    )
    mqtt_ca_file: Path | None = Field(
        None, description="Authorities (PEM) to believe at mqtt_url (mqtts://) instead of the system's."
    )
    mqtt_cert: Path | None = Field(
        None, description="Certificate (PEM) by which the agents prove at mqtt_url who they are; needs mqtt_key."
    )
    mqtt_key: Path | None = Field(None, description="Key (PEM, without a password) of the certificate mqtt_cert.")
    iota_port: Port | None = Field(
        None,
        description="Port of the agent for FIWARE's IoT Agent JSON and Ultralight devices; without it there is none.",
    )
    iota_tls_cert: Path | None = Field(
        None, description="Certificate (PEM, with chain) of that agent, which then serves HTTPS; needs iota_tls_key."
    )
    iota_tls_key: Path | None = Field(None, description="Key (PEM, without a password) of that certificate.")
    iota_key: str | None = Field(
        None,
        min_length=8,
        repr=False,
        description="What provisioners of that agent show as X-Auth-Token; needed where other machines reach it.",
    )
    commands_url: Annotated[str, address("http", "https")] | None = Field(
        None,
        description="Where the context broker of broker_url reaches the agents with commands, e.g. http://agents:4042. "
        "Without it updates there reach no device; the embedded broker needs none.",
    )
    commands_port: Port = Field(4042, description="Port of the agents for these notifications, where commands_url is.")
    commands_waiting: int = Field(
        20, ge=1, le=1000, description="Commands that may wait for one device; further ones are refused."
    )
    commands_lifetime: float = Field(
        86_400, gt=0, description="Seconds a command may wait, where the device's profile says nothing else."
    )
    commands_lease: float = Field(
        6.0, ge=0.2, le=600, description="Seconds after which another agents process sends the commands of a dead one."
    )
    codec_workers: int = Field(
        1, ge=1, le=32, description="Processes that run vendors' JavaScript codecs; each decodes some 5,000 uplinks/s."
    )
    json_sources: Path | None = Field(
        None, description="YAML file of JSON sources of your own: by which topics, where device, time and values are."
    )
    broker_url: Annotated[str, address("http", "https")] | None = Field(
        None,
        description="NGSI-LD context broker for gateway, agents and adapters. Without it one runs in the process.",
    )
    temporal_url: Annotated[str, address("http", "https")] | None = Field(
        None, description="Where that broker's history is asked for, e.g. Mintaka; at broker_url where it is not set."
    )
    default_context: Annotated[str, address("http", "https")] | None = Field(
        None,
        description="The @context of requests that name none and of what the platform writes, instead of the NGSI-LD "
        "core's alone, e.g. https://daten.example.org/contexts/herne/v1.jsonld; to be set before the first data.",
    )
    broker_port: Port = Field(1026, description="Port of the context broker when it runs alone (`broker`).")
    data: Path = Field(Path("data"), description="Folder for everything that must survive a restart.")
    mongodb_url: Annotated[str, address("mongodb", "mongodb+srv")] | None = Field(
        None, description="MongoDB for organisations, keys and devices. Without it a SQLite file in the data folder."
    )
    speed: float = Field(1.0, gt=0, le=10_000, description="How many times faster than real time the demo city lives.")
    body_limit: ByteSize = Field(
        ByteSize(4_000_000), description="Largest request body the gateway takes, in bytes or e.g. 4MB."
    )
    broker_timeout: float = Field(
        30.0, gt=0, description="Seconds the gateway waits for an answer of the context broker before it answers 504."
    )
    product_limit: int = Field(1000, ge=1, description="Data products an organisation may have.")
    product_subscriptions: int = Field(
        100, ge=1, description="Subscriptions that one key may have to one data product."
    )
    product_notifications_url: Annotated[str, address("http", "https")] | None = Field(
        None,
        description="Address at which a context broker in another process (broker_url) reaches this gateway, so that "
        "data products can notify; without it they offer no subscriptions there.",
    )
    product_streams: int = Field(200, ge=1, description="Event streams of data products open at once.")
    product_stream_entities: int = Field(5000, ge=1, description="Entities that a product with event streams may have.")
    product_aggregate_entities: int = Field(200_000, ge=1, description="Entities that a product may aggregate.")
    product_exports: int = Field(32, ge=1, description="Exports of data products under way at once.")
    product_stream_interval: float = Field(
        5.0, ge=0.05, description="Seconds between two looks of an event stream for what has changed."
    )
    broker_limits: dict[str, float] = Field(
        default_factory=dict,
        description="Limits of the embedded context broker other than its defaults (docs/broker.md): name=number.",
        examples=["batch_entities=1000"],
    )
    allow_private_targets: bool = Field(
        False,
        description="Let the context broker notify, and load contexts from, private and loopback addresses.",
    )
    stop_timeout: int = Field(
        2, ge=0, le=4, description="Seconds that open requests get to finish after Ctrl-C or SIGTERM."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe log lines shown.")
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="Log lines as JSON objects or as text; auto: text on a terminal."
    )

    @classmethod
    def load(cls, given: dict[str, Any] | None = None) -> Self:
        """The given values, then the environment, then `.env`, then the defaults; `CannotStart` says which is wrong."""
        try:
            return cls(**(given or {}))
        except ValidationError as error:
            raise CannotStart("\n".join(_mistakes(error))) from None


def _mistakes(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors(include_url=False):
        name = str(mistake["loc"][0]) if mistake["loc"] else ""
        field = Settings.model_fields[name]
        value = repr(mistake["input"]) if field.repr else "what it is"  # a secret is not shown, not even a wrong one
        place = "".join(f", {step}" for step in mistake["loc"][1:])
        yield f"{option(name)} ({PREFIX}{name.upper()}{place}) cannot be {value}: {mistake['msg']}. {field.description}"


def option(name: str) -> str:
    """The command line's spelling of a setting: `mqtt_port` → `--mqtt-port`."""
    return "--" + name.replace("_", "-")


class Row(NamedTuple):
    """A line of the settings reference."""

    variable: str
    option: str
    default: str
    description: str


def reference() -> list[Row]:
    """Every setting as the README's table and `.env.example` show it; an empty default means none."""
    fields = Settings.model_fields
    mixed_in = [*AdapterSettings.model_fields, *IngestSettings.model_fields, *AccessSettings.model_fields]
    names = [*(name for name in fields if name not in mixed_in), *mixed_in]
    return [
        Row(PREFIX + name.upper(), option(name), _shown(fields[name]), fields[name].description or "") for name in names
    ]


def _shown(field: FieldInfo) -> str:
    return shown_default(field.get_default(call_default_factory=True))


def shown_default(default: Any) -> str:
    """A default as somebody would write it; empty for none."""
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return "" if default is None or default == {} else str(default)


def env_example() -> str:
    """The text of `.env.example`: every variable, commented out, with its default."""
    return "\n".join(f"# {row.description}\n# {row.variable}={row.default}\n" for row in reference())
