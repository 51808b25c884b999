"""The errors that the package raises for what a user can fix."""


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
    """A loss or a restored frame is not finite: the weights are useless."""

    @classmethod
    def in_frame(cls, place: str) -> 'DivergedError':
        """The error for a frame restored to values that are not finite.

        Args:
            place: Which frame, counted from 0.
        """
        return cls(f'The network restores {place} (counted from 0) to values '
                   'that are not finite. Its weights have diverged, or half '
                   'precision is too coarse for them: use an earlier '
                   'checkpoint, or float32.')
