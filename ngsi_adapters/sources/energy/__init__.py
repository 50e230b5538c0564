"""Energy: charging, meters, generation, markets."""
