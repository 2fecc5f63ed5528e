"""Invoice numbers as one compares them, with planted pairs that must match and that must not, and the rate of both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.invoices.invoice_numbers import normalized_number

# As people enter one invoice a second time, by trade and language.
SAME = [
    ("1037", "INV-1037"), ("1037", "Invoice #1037"), ("1037", "Tax Invoice 1037"), ("1037", "SI-001037"),
    ("1037", "Bill No. 1037"), ("1037", "Freight bill 1037"), ("1037", "Load 1037"), ("1037", "Job #1037"),
    ("1037", "Ticket 01037"), ("1037", "Work Order 1037"), ("3", "Pay Application No. 3"), ("3", "Draw 3"),
    ("1037", "Fee note 1037"), ("1037", "Statement 1037"), ("1037", "REF: 1037"), ("1037", "INVOICENO1037"),
    ("1037", "1037 (copy)"), ("1037", "1037-DUPLICATE"), ("1037", "1037 revised"), ("1037", "1037 Invoice"),
    ("1037", "1037 - FINAL"), ("1037", "1037 Kopie"), ("1037", "1037 copia"), ("1037", "Corrected invoice 1037"),
    ("1037", "Rechnung 1037"), ("1037", "Rechnungs-Nr. 1037"), ("1037", "Rechnungsnummer 1037"), ("1037", "RE-1037"),
    ("1037", "RG1037"), ("1037", "Honorarnote 1037"), ("1037", "Facture n° 1037"), ("1037", "FAC-1037"),
    ("1037", "FA 1037"), ("1037", "Facture Nº1037"), ("1037", "Factuur 1037"), ("1037", "Factura núm. 1037"),
    ("1037", "Fattura n. 1037"), ("1037", "Fatura 1037"), ("1037", "Faktura nr 1037"), ("1037", "FV/1037"),
    ("1037", "Lasku 1037"), ("1037", "Számla 1037"), ("1037", "Račun 1037"), ("1037", "Nota fiscal 1037"),
    ("1037", "Счёт № 1037"), ("1037", "Счет-фактура 1037"), ("1037", "Τιμολόγιο 1037"), ("1037", "فاتورة 1037"),
    ("1037", "חשבונית 1037"), ("1037", "发票 1037"), ("1037", "請求書番号1037"), ("1037", "세금계산서 1037"),
    ("Invoice 2026-0007", "RE 2026/7"), ("1037/a", "Facture 1037A"), ("FR 1037 B", "Invoice fr-1037b"),
    ("１０３７", "1037"), ("10-37", "1037"), ("1037.", "# 1037"), ("NOVA-7", "Invoice Nova 7"), ("000", "Invoice 0"),
    ("1037", "Schlussrechnung 1037"), ("1037", "Tilauslasku 1037"), ("1037", "Faktura VAT 1037"),
    ("1037", "Faktúra č. 1037"), ("1037", "Számlaszám 1037"), ("1037", "Hóa đơn 1037"), ("1037", "Draft 1037"),
]  # fmt: skip
# Invoices of one buyer, day and amount that are two: parts of a series, rates, branches, deliveries.
DIFFERENT = [
    ("1037", "1038"), ("1037", "10370"), ("1037", "11037"), ("1037-1", "1037-2"), ("1037", "1037-2"),
    ("1037A", "1037B"), ("1037", "1037A"), ("A-7", "B-7"), ("A-7", "7"), ("NOVA-7", "7"), ("RENO-7", "7"),
    ("RENO-7", "NOVA-7"), ("FARO-12", "12"), ("BILLINGS-12", "12"), ("TAXI-12", "12"), ("INVERNESS 4", "4"),
    ("NORD-9", "9"), ("NORD-9", "SUED-9"), ("2026-0007", "2025-0007"), ("2026-0007", "7"), ("JAN-12", "FEB-12"),
    ("Invoice 12", "Invoice 21"), ("FACTORY-3", "3"), ("REFORM 3", "3"), ("Draw 3", "Draw 4"), ("Job 7-1", "Job 7-2"),
    ("STORE 4", "DEPOT 4"), ("W1-100", "W2-100"), ("NYC-100", "LA-100"), ("100-US", "100-CA"),
    ("Rechnung 7", "Rechnung 70"),
    ("INTEL-5", "5"), ("SITE-5", "5"), ("Q1-2026", "Q2-2026"), ("Copyright 5", "5"), ("FINALE 5", "5"),
    ("1037-R", "1037"), ("1037", "37"), ("0", "00001"), ("Счёт 12", "Счёт 13"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_invoice_entered_twice_has_one_number(one: str, other: str) -> None:
    assert normalized_number(one) == normalized_number(other) != ""


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_invoices_have_two_numbers(one: str, other: str) -> None:
    assert normalized_number(one) != normalized_number(other)


@pytest.mark.parametrize(
    ("number", "compared"),
    [
        ("INV-1037", "1037"),
        ("inv 001037", "1037"),
        ("Invoice No. 1037", "1037"),
        ("Invoice # 01037", "1037"),
        ("INVNO1037", "1037"),
        ("№1037", "1037"),
        ("1037/a", "1037a"),
        ("1037A", "1037a"),
        ("１０３７", "1037"),
        ("2026-0007", "20267"),
        ("NOVA-7", "nova7"),
        ("000", "0"),
        ("Invoice", ""),
        (" - ", ""),
        ("", ""),
    ],
)
def test_a_number_is_compared_without_what_people_write_around_it(number: str, compared: str) -> None:
    assert normalized_number(number) == compared


@given(st.text(max_size=40))
def test_a_compared_number_that_holds_digits_keeps_them(text: str) -> None:
    """Words come off, digits never do: no two numbers match by what was taken off."""
    if any(character.isdecimal() for character in text):
        assert any(character.isdecimal() for character in normalized_number(text))
