"""How the simulated cloud says no."""


class Refused(Exception):
    """The cloud answered and refused; the message is the service's error code and reason."""


class Outage(Refused):
    """The cloud did not answer: the place is dark."""


class NotSimulated(Exception):
    """The sandbox has no answer; the message names what was asked."""
