"""Writes `data_models/subjects/`, `data_models/registry.py` and `data_models/__init__.py` from the bundled schemas.

Also the city's @context in `data_models/contexts/`. Run by hand: `python -m data_models.generator` (`--check` only
compares, `--release` fixes the newest @context for ever). It never reads the network.
"""
