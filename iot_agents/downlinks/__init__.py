"""Commands on their way to devices: kept until they are done with, sent, and told of at the entity."""
