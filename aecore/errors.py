"""The one exception that is written for a person."""


class LabError(ValueError):
    """Something a person can put right; the message says what is wrong and what to do.

    Pages show the message as it stands, the command line prints it and exits with 2.

    Example:
        >>> raise LabError("There is no model 'vea'. Choose one of: ae, vae.")
        Traceback (most recent call last):
        ...
        aecore.errors.LabError: There is no model 'vea'. Choose one of: ae, vae.
    """
