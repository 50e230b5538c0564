"""Subscriptions and notifications (CIM 009, 5.8, 6.3.8, 7.2): who is told of which change, and that it arrives."""
