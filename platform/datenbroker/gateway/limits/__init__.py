"""How much: rates, daily quotas, and the usage that both operators and organisations read."""
