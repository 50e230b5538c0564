"""Systems to entities: parking, energy and waste sources and the one loop that runs them."""
