"""A product's selection as a lens: what a request and its answer are as if only the selection existed."""
