"""The Datenbroker: one gateway for the Konzern Stadt, and the composition root of the platform."""
