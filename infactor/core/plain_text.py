"""Plain text from other people's data: without control characters, and without signs that nobody sees."""

import re

# Control characters, the marks that turn the direction of text around (U+202E and the like), and other invisible ones.
INVISIBLE_CHARACTERS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f]"
)


def to_plain_text(text: str, *, multiline: bool = True) -> str:
    """`text` without invisible characters, in one line unless `multiline`."""
    clean = INVISIBLE_CHARACTERS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return clean.strip() if multiline else " ".join(clean.split())
