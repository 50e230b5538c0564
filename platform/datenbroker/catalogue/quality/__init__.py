"""How good the data of a product are: measured daily through the product's own endpoint, kept for 90 days."""
