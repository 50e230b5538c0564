"""Subscriptions through data products: kept here, watched by the broker, relayed to their makers."""
