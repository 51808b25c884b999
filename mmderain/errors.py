"""The errors that the package raises for what a user can mend."""


class UserError(Exception):
    """Something outside the code is wrong: a file, an option, an install.

    The message says what was expected, what came, which file or key, and what
    to do. The commands print it without a traceback.
    """


class ConfigError(UserError):
    """A config asks for something that cannot work."""


class DataError(UserError):
    """A data set or a file in it cannot be used."""


class CheckpointError(UserError):
    """A checkpoint cannot be read or does not fit the model."""


class DivergedError(UserError):
    """A loss or a restored frame is not finite: the weights are of no use."""
