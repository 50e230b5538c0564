"""The async NGSI-LD client: the one way in which agents, adapters and the gateway's own jobs talk to a broker."""
