"""From the commit to the subscriber: the outbox, the deliveries and the channels they use (CIM 009, 6.3.8, 7.2)."""
