"""Mobility: public transport, sharing, traffic, road works."""
