"""What a product offers beside its NGSI-LD endpoint: whole exports, a sample, a stream of changes.

All of it is read through that endpoint, so that nothing here can show more than it does.
"""
