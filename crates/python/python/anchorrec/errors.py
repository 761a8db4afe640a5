"""What can go wrong. Every exception of this package is an ``AnchorRecError``; its text is the sentence that the command prints.

>>> import anchorrec
>>> try:
...     anchorrec.load("no-such-run")
... except anchorrec.AnchorRecError as error:
...     print(type(error).__name__, isinstance(error, ValueError))
InputError True
"""


class AnchorRecError(Exception):
    """Anything that this package raises by itself."""


class InputError(AnchorRecError, ValueError):
    """An argument, a setting or data that cannot be right."""


class UnknownIdError(InputError, LookupError):
    """An id that the data set does not know."""


class FileError(AnchorRecError, OSError):
    """A file that cannot be read or written."""


class InternalError(AnchorRecError, RuntimeError):
    """A fault of this package: please report it."""


class Note(UserWarning):
    """Something was ignored, guessed, merged, dropped or filled in. ``warnings.simplefilter("error", Note)`` makes it an error."""
