"""How a measure ends: 0 if every limit is kept, 3 if one is missed. A crash ends with 1, a wrong argument with 2.

`make` itself ends with 2 whenever its command fails, and prints the command's own code: "Error 3".
"""

from collections.abc import Sequence

MISSED = 3


def exit_code(missed: Sequence[str]) -> int:
    """Print which limits were missed, and return the exit code."""
    for one in missed:
        print(f"limit missed: {one}")
    if not missed:
        print("every limit is kept")
    return MISSED if missed else 0
