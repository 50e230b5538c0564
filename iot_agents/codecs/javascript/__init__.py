"""Vendors' JavaScript codecs, unmodified, in processes of their own."""
