"""Data products: what an organisation shares of its tenant, with whom, and who decided so."""
