"""The embedded NGSI-LD context broker: an ASGI application on SQLite, useful alone."""
