"""The one exception that is written for a person."""


class LabError(ValueError):
    """Something a person can put right; the message says what is wrong and what to do.

    The command line prints the message and exits with 2. Pages show `visitor`, for the reader of a
    page can set no variable of the server and sees none of its folders.

    Args:
        message: for whoever runs the program: names folders, variables and commands.
        visitor: for whoever looks at a page; None where the message serves both.

    Example:
        >>> raise LabError("There is no model 'vea'. Choose one of: ae, vae.")
        Traceback (most recent call last):
        ...
        aecore.errors.LabError: There is no model 'vea'. Choose one of: ae, vae.
        >>> LabError("/data is full. Set LATENT_LAB_DATA.", "The disk is full.").visitor
        'The disk is full.'
    """

    def __init__(self, message: str, visitor: str | None = None) -> None:
        super().__init__(message)
        self.visitor = message if visitor is None else visitor
