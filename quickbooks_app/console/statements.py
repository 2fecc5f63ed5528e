"""The guard of the query box: one SELECT about one object that the company can be asked for, a page at a time.

QuickBooks' query language cannot write, so the guard keeps typing errors from costing a call, and answers small.
"""

import re
from typing import NamedTuple

from quickbooks_app.objects import availability
from quickbooks_app.objects.editions import CompanyProfile
from quickbooks_app.objects.table import OBJECTS, Operation

MAX_LENGTH = 1000
PAGE_SIZE = 200
SELECT = re.compile(
    r"select\s+(?P<fields>\*|count\(\*\)|[\w.]+(?:\s*,\s*[\w.*]+)*)\s+from\s+(?P<entity>\w+)(?P<rest>(?:[\s;].*)?)",
    re.IGNORECASE,
)
QUOTED = re.compile(r"'(?:\\.|[^'\\])*'")
PAGING = re.compile(r"\b(startposition|maxresults)\b", re.IGNORECASE)


class InvalidStatement(Exception):
    """The statement is not asked. The message says why, for staff."""


class Statement(NamedTuple):
    """A statement about one object, without its page."""

    entity: str
    text: str

    def page(self, number: int) -> str:
        """The statement for page `number`, from 1 on. QuickBooks gives a count only without a page."""
        if "count(" in self.text.lower():
            return self.text
        return f"{self.text} STARTPOSITION {(number - 1) * PAGE_SIZE + 1} MAXRESULTS {PAGE_SIZE}"


def parse_statement(text: str, *, company: CompanyProfile) -> Statement:
    """The statement in `text`. Raises InvalidStatement with what to change."""
    plain = " ".join(text.split())
    if len(plain) > MAX_LENGTH:
        raise InvalidStatement(f"A statement has at most {MAX_LENGTH} characters.")
    found = SELECT.fullmatch(plain)
    if found is None:
        raise InvalidStatement("Write a query such as: SELECT * FROM Bill WHERE Balance > '0'")
    outside = QUOTED.sub("", found["rest"])
    if "'" in outside:
        raise InvalidStatement("A quotation mark is missing. Inside a text, write \\' for an apostrophe.")
    if ";" in outside or '"' in outside:
        raise InvalidStatement("Leave out “;”, and write texts in single quotation marks.")
    if PAGING.search(outside):
        raise InvalidStatement(f"Leave out STARTPOSITION and MAXRESULTS: a page has {PAGE_SIZE} rows here.")
    entity = next((name for name in OBJECTS if name.lower() == found["entity"].lower()), "")
    if not entity:
        raise InvalidStatement(f"QuickBooks has no object {found['entity']}.")
    if reason := availability.why_not(entity=entity, operation=Operation.QUERY, company=company):
        raise InvalidStatement(reason)
    return Statement(entity, plain)
