"""The door of the platform: who may pass, in which tenant, and what every answer carries."""
