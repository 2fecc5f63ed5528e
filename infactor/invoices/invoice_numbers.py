"""Invoice numbers in the form in which they are compared: without what trades and languages write around them.

A word that names a document or a number is taken off wherever it stands by itself, before or behind the digits. Other
words come off only beside such a word, in the same run of words: linking words ("de"), kinds of documents ("interim"),
and ordinary words, which are written small beside a document that is written large ("Faktura sprzedaży"). Names and
what tells two invoices apart stay: "A-7" is not "B-7", "Facture Lyon 7" is not "Facture Paris 7", "Factura enero 7" is
not "Factura febrero 7", and "1037-2" is not "1037". `make measure-numbers` measures both on planted pairs.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

from infactor.invoices.search_text import INVISIBLE_CATEGORIES, normalize

# Words long enough to be recognised where they are written together, as in "INVOICENO1037".
_DOCUMENTS = """
    invoice invoices inv invc invois bill billing billno statement stmt tax sales sale commercial freight service
    document doc reference ref voucher note fee account acct job ticket load work order project progress payment
    application payapp draw retainer claim receipt delivery docket memo remito đơn
    rechnung rechn rech rechnungs honorarnote honorar ausgangsrechnung beleg kostennote bon
    facture fact fac factuur faktura faktuur faktur fakt factura facturas fattura fatt fatura faktúra számla szamla szla
    lasku arve arvei saskaita sąskaita rekins rēķins racun račun doklad rachunek reikning nota notas notafiscal recibo
    reçu boleta ricevuta parcella parcelle parcela note comprobante minuta cuenta conto compte relevé cfdi nfe
    resibo kuitti kvittering
    счет счёт фактура инвойс накладная рахунок τιμολογιο απόδειξη فاتورة חשבונית חשבון
    发票 發票 請求書 请求书 账单 帳單 收据 收據 インボイス 세금계산서 계산서 인보이스 청구서 ใบแจ้งหนี้ ใบกำกับภาษี
"""
_NUMBERS = """
    number numbers num no nr nro nbr nummer numero numéro número núm numer nomer номер numara numarası αριθμος číslo
    cislo szám številka broj numeris رقم מספר 号 號 番号 번호 เลขที่
"""
# Too short to be recognised inside another word: "RENO-7" is no invoice number "7".
_CODES = """
    pay app fiscal vat gst electronica elektronische proforma pro forma draft paid open bis hóa hoá đơn
    in iv si ti re rg rgnr renr ar fa fc ft fv fra fct vf fs bn sf сф
"""
# Languages that write words together put others before and behind these: "Schlussrechnung", "Számlaszám", "增值税发票".
_STEMS = """
    invoice rechnung factuur faktura faktuur facture factura fattura fatura lasku szamla reikning honorar
    发票 發票 請求書 계산서 청구서 ใบแจ้งหนี้
"""
_BEHIND = """
    copy copied dup duplicate reprint reprinted resent resend reissue reissued revised revision rev corrected correction
    corr amended amendment final original orig
    kopie duplikat korrektur korrigiert copie duplicata corrigée copia duplicado corregida rettificata kopia cópia kópia
"""
# Kinds of documents: "PARTIAL" and "VENTE" come off only beside the name of a document.
_KINDS = """
    interim deposit customer client monthly weekly quarterly annual partial advance prepaid down recurring export import
    domestic internal manual official simplified simple detailed summary credit debit corrective adjustment cash online
    electronic digital retention stage milestone supplier vendor purchase supply goods services hire rental rent fees
    professional consulting consolidated contractor subcontract legal medical hotel shipping transport expense
    expenses new regular standard normal master main
    état etat vente ventes achat acompte solde honoraires frais avoir débit crédit situation travaux intermédiaire
    partielle
    électronique simplifiée définitive provisoire commerciale client prestation prestations services loyer
    venta ventas cobro cargo débito crédito honorarios servicio servicios anticipo parcial electrónica simplificada
    rectificativa completa ordinaria comercial recapitulativa remisión gastos consumo
    venda vendas compra cobrança honorários serviço serviços adiantamento parcial eletrônica eletrónica simplificada
    recibo débito crédito prestação despesas consumidor
    vendita immediata differita elettronica accompagnatoria semplificata acconto saldo addebito accredito parcella
    pubblica riepilogativa servizi prestazioni spese
    teil abschlag anzahlung schluss storno kunden lieferanten sammel monats honorar leistung gutschrift entwurf
    elektronische elektronisch korrektur
    verkoop inkoop deel eind voorschot termijn klant credit creditnota
    sprzedaży korygująca końcowa zaliczkowa sprzedaz koszt vystavená přijatá vydaná prijatá odoslaná danovy daňový
    opravná zálohová zálohova penztari előleg végszámla helyesbítő szolgáltatás predračun predracun avansni izdani
    satış alış müşteri iade ticari arşiv ihracat
    salgs salg sluttfaktura kredit delfaktura kunde myynti kunta osto hyvitys ennakko
    pa sdi bán hàng giá trị gia tăng dịch vụ pajak penjualan cukai jualan opisyal benta
    оплату оплата продажу реализация товары услуги аванс покупателю сплату
    πώλησης παροχής υπηρεσιών λιανικής πιστωτικό
    ضريبية مبيعات مبسطة إلكترونية بيع חשבונית מס קבלה עסקה זיכוי
"""
_LINKS = """
    de del della delle dei di da das do dos du des d l la le el of for from to the our your and et e y und u i
    a al en pour por para per pro von vom für fur zu zur van voor av af til till för na za od z ze ke k dla над на за о
    по от для по з від και για
"""
# The last sign of a number in these languages, beside a document only: "Račun št. 7", "Faktúra č. 7".
_NUMBER_SIGNS = "st br sz c n nr no"
# What tells two invoices of one buyer and day apart, whatever stands beside it.
_TELLING = """
    part parts teil partie parte parts lot lots phase fase phases tranche tranches stage week weeks woche semaine semana
    settimana site unit unidad unité house block tower floor room store depot branch filiale sucursal north south east
    west nord sud süd ost est ouest norte sur este oeste ovest noord zuid oost first second third fourth last premier
    première deuxième troisième primera primero segunda segundo tercera prima secondo seconda terza erste zweite dritte
    january february march april may june july august september october november december
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    janeiro fevereiro março abril maio junho julho setembro outubro novembro dezembro
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    januar februar märz juni juli oktober dezember januari februari maart mei augustus
    monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche
    lunes martes miércoles jueves viernes sábado domingo montag dienstag mittwoch donnerstag freitag samstag sonntag
    red blue green white black rouge bleu vert blanc noir rojo azul verde blanco negro
    old young upper lower left right inner outer
"""
_MIN_ORDINARY = 4  # letters of a word that comes off because it is written small


def _words(text: str) -> frozenset[str]:
    return frozenset(normalize(word) for word in text.split())


def _either(words: frozenset[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_AROUND = re.compile(rf"(?:{_either(_words(_DOCUMENTS))})*(?:{_either(_words(_NUMBERS))})?")
_COMPOUND = re.compile("|".join(rf"{stem}\w*|\w*{stem}" for stem in _words(_STEMS)))
_WHOLE = _words(_CODES) | _words(_BEHIND)
_BESIDE = _words(_KINDS) | _words(_LINKS) | _words(_NUMBER_SIGNS)
_TELLS_APART = _words(_TELLING)
_LETTERS_OR_DIGITS = re.compile(r"[^\W\d_]+|\d+")
_ELECTRONIC = re.compile(r"\be-([^\W\d_]+)", re.IGNORECASE)  # "E-Fatura"
_ABBREVIATED = re.compile(r"\b[nc]\s?[°.](?=\W*\d)", re.IGNORECASE)


def normalized_number(number: str) -> str:
    """`number` in the form that is compared: "Rechnung Nr. RE-00107/a" becomes "107a". Empty if nothing is left."""
    text = _ELECTRONIC.sub(_without_electronic, _ABBREVIATED.sub(" no ", _without_accents(number)))
    parts = _LETTERS_OR_DIGITS.findall(text)
    kept: list[str] = []
    for is_digits, group in groupby(parts, key=str.isdecimal):
        run = list(group)
        kept += (part.lstrip("0") or "0" for part in run) if is_digits else _kept_words(run)
    return "".join(map(normalize, kept))


def _without_electronic(found: re.Match[str]) -> str:
    return found[1] if _is_document(normalize(found[1])) else found[0]


def _without_accents(text: str) -> str:
    """`text` as `normalize` writes it, but with its capitals."""
    decomposed = unicodedata.normalize("NFKD", text)
    kept = (" " if character.isspace() else character for character in decomposed)
    return "".join(c for c in kept if unicodedata.category(c) not in INVISIBLE_CATEGORIES)


def _kept_words(words: Sequence[str]) -> Iterator[str]:
    """The words of a run between digits that belong to the number."""
    documents = [word for word in words if _is_document(normalize(word))]
    has_capital = any(word[0].isupper() for word in documents)
    for word in words:
        folded = normalize(word)
        if word in documents or folded in _WHOLE:
            continue
        is_ordinary = has_capital and word.islower() and len(word) >= _MIN_ORDINARY and folded not in _TELLS_APART
        is_series = len(word) == 1 and word.isupper()  # "Facture D 7" is not "Facture L 7", "facture d'acompte" is one
        if is_series or not (documents and (folded in _BESIDE or is_ordinary)):
            yield word


def _is_document(word: str) -> bool:
    return bool(_AROUND.fullmatch(word) or _COMPOUND.fullmatch(word))
