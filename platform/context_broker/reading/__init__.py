"""What a reading request asks for: the plan of a query, and the entities that come along with it."""
