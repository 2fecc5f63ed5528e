"""The refusal of a file."""


class RefusedFile(ValueError):
    """The file is not kept. The message says why and what to do, for anybody."""
