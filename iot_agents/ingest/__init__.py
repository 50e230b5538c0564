"""Durable ingest: from a reading to the broker's commit, with nothing lost and nothing twice."""
