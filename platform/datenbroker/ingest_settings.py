"""The settings of durable ingest: batches, spool, dead letters, shared load. Part of `datenbroker.settings`."""

from typing import Annotated

from pydantic import ByteSize, Field, StringConstraints
from pydantic_settings import BaseSettings

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class IngestSettings(BaseSettings):
    """Mixed into `Settings`."""

    agent_name: Name = Field(
        "datenbroker-agents",
        description="Name of this agent among others: its MQTT session (client id), spool and dead letters.",
    )
    mqtt_group: Annotated[str, StringConstraints(pattern=r"^[^/+#]{0,100}$")] = Field(
        "",
        description="Agents of one group share the messages of mqtt_url (MQTT 5 shared subscription); empty: alone.",
    )
    mqtt_session_days: float = Field(
        7.0, gt=0, le=365, description="Days the MQTT broker of mqtt_url keeps messages for an agent that is away."
    )
    mqtt_in_flight: int = Field(
        1000, ge=1, le=65_535, description="Messages of mqtt_url under way at once; the others wait in the MQTT broker."
    )
    batch_entities: int = Field(500, ge=1, le=1000, description="Entities the agents write in one request at most.")
    batch_milliseconds: float = Field(
        4.0, ge=0, le=1000, description="Milliseconds a few readings wait for others while many come."
    )
    spool_bytes: ByteSize = Field(
        ByteSize(1_000_000_000),
        description="Readings kept in the data folder while the context broker is away, in bytes or e.g. 1GB.",
    )
    spool_after: float = Field(
        5.0, ge=0, le=3600, description="Seconds without the context broker until readings go to the spool."
    )
    deadletters_count: int = Field(1000, ge=1, description="Dead letters kept of each tenant.")
    deadletters_device: int = Field(200, ge=1, description="Of these, dead letters kept of each device.")
    deadletters_bytes: ByteSize = Field(
        ByteSize(16_000_000), description="Bytes of dead letters kept of each tenant, e.g. 16MB."
    )
    deadletters_days: float = Field(30.0, gt=0, description="Days until a dead letter may be dropped.")
