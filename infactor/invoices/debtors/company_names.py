"""Names of companies as one compares them: without case, accents, punctuation and legal forms."""

import re

from infactor.invoices.search_text import fold

# Written together or with dots, in the countries whose books come most often. Only at the end of a name.
_FORMS = """
    inc incorporated llc llp lp lllp pllc pc pa corp corporation co company companies ltd limited plc cic
    gmbh ag kg kgaa ohg gbr ug ev mbh se sa sas sarl sasu eurl snc scs srl sro sl slu spa bv nv vof cv
    ab as asa aps oy oyj ou kft zrt nyrt doo dd ad eood ood sp z oo pty pte pvt private bhd sdn kk gk ltda rl de
"""
LEGAL_FORMS = frozenset(_FORMS.split())
JOINERS = frozenset({"and", "und", "et", "y", "e"})
_CLOSED_UP = re.compile(r"[.'’`]")
_WORD = re.compile(r"[^\W_]+")


def bare(name: str) -> str:
    """`name` for comparing: "The Café Company, L.L.C." becomes "cafe". Empty where nothing can be compared.

    A name that is nothing but legal forms keeps its first word.
    """
    words = _WORD.findall(_CLOSED_UP.sub("", fold(name).replace("&", " and ").replace("+", " and ")))
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    while len(words) > 1 and (words[-1] in LEGAL_FORMS or words[-1] in JOINERS):
        words.pop()
    return " ".join(words)
