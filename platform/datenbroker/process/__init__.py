"""What a server process needs whatever it serves: sockets, signals, a data folder of its own, logs."""
