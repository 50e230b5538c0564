"""What an operator is told when the platform cannot do what was asked on the command line."""


class CannotStart(Exception):
    """The message is one paragraph: what is wrong, and which setting or option mends it. Exit code 1."""


class AddressInUse(CannotStart):
    """Another process listens there already."""


class DataInUse(CannotStart):
    """Another process works on the same data folder."""
