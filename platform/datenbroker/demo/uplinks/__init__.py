"""Uplinks as the LoRaWAN network servers publish them on MQTT."""
