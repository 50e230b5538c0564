"""Commands about data models."""
