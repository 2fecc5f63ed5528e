"""Normalizes company names for comparison: without case, accents, punctuation and legal forms."""

import re

from infactor.invoices.search_text import normalize

# With or without dots, and only at the end of a name. Words that also end ordinary names are left out (docs/adr/0021).
_FORMS = """
    inc incorporated llc llp lp lllp pllc pc pa corp corporation co company companies ltd limited plc cic
    gmbh ag kg kgaa ohg gbr ug ev mbh se sa sas sarl sasu eurl snc scs srl sro sl slu spa bv nv vof cv
    ab as asa aps oy oyj ou kft zrt nyrt doo dd ad eood ood sp z oo pty pte pvt private bhd sdn kk gk ltda rl de
"""
LEGAL_FORMS = frozenset(_FORMS.split())
CONJUNCTIONS = frozenset({"and", "und", "et", "y", "e"})
_REMOVED = re.compile(r"[.'’`]")
# QuickBooks adds this to the name of an inactive customer.
_DELETED_MARK = re.compile(r"\s*\(deleted(-\d+)?\)(?=:|$)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


def without_deleted_mark(name: str) -> str:
    """`name` without QuickBooks' mark of inactive customers, in each part: "Acme (deleted):Plant" is "Acme:Plant"."""
    return _DELETED_MARK.sub("", name)


def normalized_name(name: str) -> str:
    """`name` in the form that is compared: "The Café Company, L.L.C." becomes "cafe". Empty if nothing is left.

    A name that consists of legal forms keeps its first word.
    """
    words = _WORD.findall(
        _REMOVED.sub("", normalize(without_deleted_mark(name)).replace("&", " and ").replace("+", " and "))
    )
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    while len(words) > 1 and (words[-1] in LEGAL_FORMS or words[-1] in CONJUNCTIONS):
        words.pop()
    return " ".join(words)
