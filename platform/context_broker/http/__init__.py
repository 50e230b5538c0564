"""The HTTP binding of NGSI-LD (CIM 009, clause 6.3): requests, responses, routes, negotiation."""
