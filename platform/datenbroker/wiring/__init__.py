"""How the parts of one process are made and wired: a file for each part, put together by `datenbroker.main`."""
