"""Environment: weather, air, water, trees."""
