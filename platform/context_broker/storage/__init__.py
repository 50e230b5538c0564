"""Entities on SQLite: one file, one writer with group commit, indexes that narrow queries, a cache of hot entities."""
