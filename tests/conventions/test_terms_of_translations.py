"""A word of the trade is translated by one word, so that readers know what is meant by it everywhere."""

import re

import pytest

from tests.support import messages

# What an English text says, and what its Spanish one then says, too.
SPANISH = (
    (r"rebates?", "remanente"),
    (r"notices? of assignment", "avisos? de cesión"),
    (r"payouts?", "desembols"),
    (r"late fees?", "recargos? por mora"),
    (r"wire fees?", "comisi(ón|ones) por transferencia"),
    (r"write-off|written off|write off", "incobrable"),
    (r"reserves?", "reserva"),
    (r"recourse", "recurso"),
    (r"repurchase[ds]?", "recompr"),
    (r"credit (memo|note)s?", "notas? de crédito"),
    (r"refund(s|ed)?", "reembols"),
    (r"disputes?|disputed", "disput"),
    (r"closed short|short payment", "faltante"),
    (r"payoff", "liquidación"),
    (r"passkeys?", "llaves? de acceso"),
    (r"second factors?", "segundos? factor"),
    (r"match(ed)?|unmatch(ed)?", "vincul|coincid|concili"),
    (r"underwriters?", "analista"),
    (r"statements?", "estados? de cuenta|extracto"),
    (r"surplus", "excedente"),
    (r"value date", "fecha valor"),
)
NO_WORDS = re.compile(r"%\(\w+\)s|\{\w*\}|<[^>]+>")


@pytest.mark.parametrize(("english", "spanish"), SPANISH)
def test_a_word_of_the_trade_has_one_translation(english: str, spanish: str) -> None:
    said, meant = re.compile(rf"\b({english})\b", re.IGNORECASE), re.compile(spanish, re.IGNORECASE)
    wrong = []
    for one in messages.catalogue("es"):
        texts = one.id if isinstance(one.id, tuple) else (one.id,)
        strings = one.string if isinstance(one.string, tuple) else (one.string,)
        if said.search(NO_WORDS.sub("", " ".join(texts))) and not all(meant.search(text) for text in strings):
            wrong.append(texts[0])
    assert wrong == []


def test_spanish_opens_questions_and_speaks_formally() -> None:
    strings = [
        text
        for one in messages.catalogue("es")
        for text in (one.string if isinstance(one.string, tuple) else (one.string,))
        if one.id
    ]
    assert [text for text in strings if re.search(r"\?(?![\w-]+=)", text) and "¿" not in text] == []
    assert [text for text in strings if "!" in text and "¡" not in text] == []
    familiar = re.compile(r"\b(tú|tu|tus|te|contigo|puedes|tienes|debes|quieres|eres)\b", re.IGNORECASE)
    assert [text for text in strings if familiar.search(text)] == []
