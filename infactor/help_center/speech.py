"""How the words of a language are compared for the search: by their stems, and without those that say nothing.

Words come in lower case and without accents, as `normalize` leaves them: "comisión" is "comision" here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from infactor.invoices.search_text import normalize

WORD = re.compile(r"\w+")
SHORTEST_STEM = 3  # letters


@dataclass(frozen=True, eq=False)
class Speech:
    """A language: its endings, longest first, with what stands for each, and its words that nobody looks for."""

    endings: tuple[tuple[str, str], ...]
    stop_words: frozenset[str]

    def stem(self, word: str) -> str:
        """`word` without its ending, as long as three letters or more are left of it."""
        for ending, instead in self.endings:
            if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
                return word.removesuffix(ending) + instead
        return word

    def stems(self, text: str) -> Iterator[str]:
        """The words of `text` and their stems: the same word counts more than another form of it."""
        for word in WORD.findall(normalize(text)):
            yield word
            if (stem := self.stem(word)) != word:
                yield stem


def speech_of(language: str) -> Speech:
    """How `language` is compared; as English where it is not known."""
    return SPEECHES.get(language, SPEECHES["en"])


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text))


ENGLISH = Speech(
    endings=(
        ("ations", "at"),
        ("ation", "at"),
        ("ies", "y"),
        ("ing", ""),
        ("ed", ""),
        ("es", ""),
        ("s", ""),
        ("e", ""),
    ),
    stop_words=_words(
        "a about am an and any are as at be but by can do does did for from get had has have how i if in is it its me "
        "my of on or our so than that the their them then there they this to was we were what when where which who why "
        "will with would you your much many more most"
    ),
)
# Verb, noun and participle share a stem ("confirmar", "confirmación", "confirmada"), and so do genders and plurals.
SPANISH = Speech(
    endings=tuple(
        (ending, "")
        for ending in (
            *("aciones", "imientos", "amientos", "imiento", "amiento", "acion", "iendo", "ando"),
            *("adas", "ados", "idas", "idos", "ada", "ado", "ida", "ido"),
            *("ar", "er", "ir", "as", "es", "os", "a", "e", "o", "s"),
        )
    ),
    stop_words=_words(
        "a al ante aqui asi aun con como cual cuales cuando cuanta cuantas cuanto cuantos de del donde e el ella ellos "
        "en entre era es esa ese eso esta estan estas este esto estos fue ha hace hacer hago han hasta hay la las le "
        "les lo los mas me mi mis mucho muy ni no nos nuestra nuestro o para pero por porque pueda puede puedo que "
        "quien quienes se ser si sin sobre son su sus tambien tengo tiene u un una unas uno unos usted ustedes y ya yo"
    ),
)
SPEECHES = {"en": ENGLISH, "es": SPANISH}
