"""Devices to entities: MQTT transports, LoRaWAN network servers, device profiles and registry, durable ingest."""
