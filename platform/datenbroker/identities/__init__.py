"""Who may ask: organisations, their API keys, and what roles may do."""
