"""The documents of the demo's systems, in each system's own format, at a time."""
