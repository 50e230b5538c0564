"""Entities and attributes: reading them, changing them with fragments, rendering them."""
