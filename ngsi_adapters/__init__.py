"""Systems → entities: parking, energy, waste and other sources, and the one loop that runs them."""
