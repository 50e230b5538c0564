"""One file a source: a declaration and pure functions, no I/O. `ngsi_adapters.registry` lists them."""
