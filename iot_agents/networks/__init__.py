"""LoRaWAN network servers: how each names its topics and spells an uplink."""
