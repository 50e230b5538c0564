"""Writes `data_models/subjects/`, `data_models/registry.py` and `data_models/__init__.py` from the bundled schemas.

Run by hand: `python -m data_models.generator` (`--check` only compares). It never reads the network.
"""
