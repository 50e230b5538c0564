"""The demo city: Herne with some 300 simulated sensors and the systems that adapters read, seeded and repeatable."""
