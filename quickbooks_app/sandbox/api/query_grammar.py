"""Grammar and parser of QuickBooks Online's query language."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, VisitError

from quickbooks_app.sandbox.runtime.errors import BusinessFault, unparsed_query

GRAMMAR = r"""
statement: SELECT projection FROM IDENTIFIER where? clause*
projection: COUNT "(" STAR ")" -> count
          | column ("," column)* -> columns
column: STAR | IDENTIFIER
where: WHERE condition (AND condition)*
condition: IDENTIFIER COMPARISON value        -> comparison
         | IDENTIFIER IN "(" value ("," value)* ")" -> membership
         | IDENTIFIER LIKE STRING             -> like_condition
?value: STRING | NUMBER | TRUE | FALSE | CURRENT_DATE
clause: ORDERBY sorting ("," sorting)* -> order
      | STARTPOSITION NUMBER           -> start
      | MAXRESULTS NUMBER              -> maximum
sorting: IDENTIFIER (ASC | DESC)?

SELECT.2: /SELECT(?![\w.])/i
COUNT.2: /COUNT(?=\s*\()/i
FROM.2: /FROM(?![\w.])/i
WHERE.2: /WHERE(?![\w.])/i
AND.2: /AND(?![\w.])/i
IN.2: /IN(?![\w.])/i
LIKE.2: /LIKE(?![\w.])/i
ORDERBY.2: /ORDER\s*BY(?![\w.])/i
ASC.2: /ASC(?![\w.])/i
DESC.2: /DESC(?![\w.])/i
STARTPOSITION.2: /STARTPOSITION(?![\w.])/i
MAXRESULTS.2: /MAXRESULTS(?![\w.])/i
TRUE.2: /TRUE(?![\w.])/i
FALSE.2: /FALSE(?![\w.])/i
CURRENT_DATE.2: /CURRENT_DATE(?![\w.])/i
COMPARISON: "<=" | ">=" | "!=" | "=" | "<" | ">"
STAR: "*"
STRING: /'(?:[^'\\]|\\.)*'/
NUMBER: /-?\d+(?:\.\d+)?/
IDENTIFIER: /[A-Za-z_]\w*(?:\.(?:[A-Za-z_]\w*|\*))*/
%ignore /\s+/
"""


class CurrentDate:
    """Placeholder for CURRENT_DATE until the query runs."""


Value = str | Decimal | bool | CurrentDate


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of the WHERE clause. IN has several values, other operators have one."""

    path: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Sorting:
    """One column of the ORDERBY clause."""

    path: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed query. Its names have not been checked against an entity."""

    entity: str
    count: bool
    conditions: tuple[Condition, ...]
    order: tuple[Sorting, ...]
    start: int | None
    maximum: int | None
    is_whole: bool = True  # SELECT *


class _StatementTransformer(Transformer[Token, Any]):
    """Transforms the parse tree into a Statement."""

    def count(self, children: list[Any]) -> str:
        return "count"

    def columns(self, children: list[Any]) -> str:
        return "whole" if any("*" in column.children for column in children) else "part"

    def comparison(self, children: list[Any]) -> Condition:
        path, operator, value = children
        return Condition(path=str(path), operator=str(operator), values=(_value(value),))

    def membership(self, children: list[Any]) -> Condition:
        path, _, *values = children
        return Condition(path=str(path), operator="IN", values=tuple(_value(value) for value in values))

    def like_condition(self, children: list[Any]) -> Condition:
        path, _, value = children
        return Condition(path=str(path), operator="LIKE", values=(_value(value),))

    def where(self, children: list[Any]) -> tuple[Condition, ...]:
        return tuple(child for child in children if isinstance(child, Condition))

    def sorting(self, children: list[Any]) -> Sorting:
        return Sorting(path=str(children[0]), descending=len(children) > 1 and children[1].type == "DESC")

    def order(self, children: list[Any]) -> tuple[Token, Any]:
        return children[0], tuple(child for child in children if isinstance(child, Sorting))

    def start(self, children: list[Any]) -> tuple[Token, Any]:
        return children[0], _whole_number(children[1])

    def maximum(self, children: list[Any]) -> tuple[Token, Any]:
        return children[0], _whole_number(children[1])

    def statement(self, children: list[Any]) -> Statement:
        _, projection, _, entity, *rest = children
        conditions: tuple[Condition, ...] = ()
        clauses: dict[str, Any] = {}
        for part in rest:
            keyword = part[0]
            if not isinstance(keyword, Token):
                conditions = part
            elif keyword.type in clauses:
                raise _parser_message(keyword)
            else:
                clauses[keyword.type] = part[1]
        return Statement(
            entity=str(entity),
            count=projection == "count",
            is_whole=projection == "whole",
            conditions=conditions,
            order=clauses.get("ORDERBY", ()),
            start=clauses.get("STARTPOSITION"),
            maximum=clauses.get("MAXRESULTS"),
        )


def _value(token: Token) -> Value:
    if token.type == "STRING":
        return re.sub(r"\\(.)", r"\1", str(token)[1:-1], flags=re.DOTALL)
    if token.type == "NUMBER":
        return Decimal(str(token))
    if token.type == "CURRENT_DATE":
        return CurrentDate()
    return bool(token.type == "TRUE")


def _whole_number(token: Token) -> int:
    if "." in token:
        raise _parser_message(token)
    return int(token)


def _parser_message(token: Token) -> BusinessFault:
    """Return the parser's error in the wording of Intuit's parser."""
    place = f"at line {token.line}, column {token.column}."
    if token.type in ("IDENTIFIER", "STRING", "NUMBER"):
        return unparsed_query(f'Encountered " <{token.type}> "{token} "" {place}')
    return unparsed_query(f'Encountered " "{token}" "{token} "" {place}')


_parser = Lark(GRAMMAR, start="statement", parser="lalr", lexer="basic", propagate_positions=False)
_transformer = _StatementTransformer()


def parse(text: str, *, refuse_unequal: bool = False) -> Statement:
    """Parse one statement. Raises BusinessFault 4000 if it is not a query.

    Clients report that `!=` fails, and a well-known one sends it all the same: `refuse_unequal` decides.
    """
    try:
        tree = _parser.parse(text)
    except UnexpectedCharacters as error:
        raise _lexical_error(error.line, error.column, error.char) from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise _end_of_input(text) from None
        raise _parser_message(error.token) from None
    except UnexpectedEOF:
        raise _end_of_input(text) from None
    if refuse_unequal:
        for token in tree.scan_values(lambda one: one == "!="):
            raise _lexical_error(token.line, token.column, "!")
    try:
        statement: Statement = _transformer.transform(tree)
    except VisitError as error:
        raise error.orig_exc from None
    return statement


def _lexical_error(line: int | None, column: int | None, char: str) -> BusinessFault:
    return unparsed_query(
        f'Lexical error at line {line}, column {column}.  Encountered: "{char}" ({ord(char)}), after : ""'
    )


def _end_of_input(text: str) -> BusinessFault:
    lines = text.splitlines() or [""]
    return unparsed_query(f'Encountered "<EOF>" at line {len(lines)}, column {len(lines[-1])}.')
