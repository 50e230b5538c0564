"""Data products by HTTP: each an NGSI-LD endpoint of its own, and its downloads."""
