"""Invoice numbers in the form in which they are compared: without what trades and languages write around them.

A word is taken off wherever it stands by itself, before or behind. What is no such word stays: "A-7" is not "B-7", and
"1037-2" is not "1037". Measured on planted pairs in tests/unit/infactor/invoices/test_invoice_numbers.py.
"""

import re

from infactor.invoices.search_text import normalize

# Words long enough to be recognised where they are written together, as in "INVOICENO1037".
_DOCUMENTS = """
    invoice invoices inv invc bill billing billno statement stmt tax sales sale commercial freight service document doc
    reference ref voucher note fee account acct job ticket load work order project progress payment application payapp
    draw retainer claim receipt delivery
    rechnung rechn rech rechnungs honorarnote honorar ausgangsrechnung beleg
    facture fact fac factuur faktura fakt factura facturas fattura fatt fatura faktúra számla szamla szla lasku arve
    saskaita rekins racun račun nota notafiscal recibo boleta honorarios parcella parcelle note comprobante cfdi nfe
    счет счёт фактура инвойс накладная рахунок τιμολογιο فاتورة חשבונית
    发票 發票 請求書 请求书 インボイス 세금계산서 인보이스
"""
_NUMBERS = """
    number numbers num no nr nro nbr nummer numero numéro número núm numer nomer номер numara αριθμος
    رقم מספר 号 號 番号 번호
"""
# Too short to be recognised inside another word: "RENO-7" is no invoice number "7".
_CODES = """
    pay app fiscal vat gst electronica elektronische proforma pro forma draft paid open bis hóa đơn
    in iv si ti re rg rgnr renr ar fa fc ft fv fra fct vf fs bn sf сф
"""
# Languages that write words together put others before and behind these: "Schlussrechnung", "Számlaszám".
_STEMS = "invoice rechnung factuur faktura facture factura fattura lasku szamla"
_BEHIND = """
    copy copied dup duplicate reprint reprinted resent resend reissue reissued revised revision rev corrected correction
    corr amended amendment final original orig
    kopie duplikat korrektur korrigiert copie duplicata corrigée copia duplicado corregida rettificata kopia cópia kópia
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(normalize(word) for word in text.split())


_LONG = "|".join(sorted(map(re.escape, _words(_DOCUMENTS)), key=len, reverse=True))
_NUMBER = "|".join(sorted(map(re.escape, _words(_NUMBERS)), key=len, reverse=True))
_AROUND = re.compile(rf"(?:{_LONG})*(?:{_NUMBER})?")
_COMPOUND = re.compile("|".join(rf"{stem}\w*|\w*{stem}" for stem in _words(_STEMS)))
_WHOLE = _words(_CODES) | _words(_BEHIND)
_LETTERS_OR_DIGITS = re.compile(r"[^\W\d_]+|\d+")
_ABBREVIATED = re.compile(r"\b[nc]\s?[°.](?=\W*\d)")


def normalized_number(number: str) -> str:
    """`number` in the form that is compared: "Rechnung Nr. RE-00107/a" becomes "107a". Empty if nothing is left."""
    parts = _LETTERS_OR_DIGITS.findall(_ABBREVIATED.sub(" no ", normalize(number)))
    return "".join(
        part.lstrip("0") or "0" if part.isdecimal() else part
        for part in parts
        if part.isdecimal() or not (part in _WHOLE or _AROUND.fullmatch(part) or _COMPOUND.fullmatch(part))
    )
