"""The routes under /admin, one module for each thing that is administered."""
