"""`datenbroker products` and `datenbroker grants`."""
