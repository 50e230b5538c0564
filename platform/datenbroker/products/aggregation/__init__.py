"""Aggregated products: figures over groups of entities, never the entities themselves."""
