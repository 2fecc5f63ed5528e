"""Pairs of invoice numbers: one invoice entered twice, and two invoices that only look alike.

Three rounds. Each was written without a look at the code, and measured before the code was changed for it.
"""

# As people enter one invoice a second time, by trade and language.
FIRST_SAME = [
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
FIRST_DIFFERENT = [
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

# One invoice 1037, as people of many languages and trades write it.
SECOND_1037 = [
    "Nota de honorarios 1037", "Facture de vente 1037", "Fattura elettronica 1037", "Factura electrónica 1037",
    "Nota de cobro 1037", "Factura de venta 1037", "Facture d'acompte 1037", "Fattura di vendita 1037",
    "Nota de débito 1037", "Fatura de venda 1037", "Facture finale 1037", "Note d'honoraires 1037",
    "Cuenta de cobro 1037", "Abschlagsrechnung 1037", "Kreditfaktura 1037", "Verkoopfactuur 1037",
    "Faktura korygująca 1037", "Faktura proforma 1037", "Interim invoice 1037", "Progress billing 1037",
    "Sales invoice no 1037", "Salgsfaktura 1037", "Sluttfaktura nr. 1037", "Deposit invoice 1037",
    "Monthly statement 1037", "VAT invoice 1037", "Customer invoice 1037", "Fattura immediata 1037",
    "Factura simplificada 1037", "Recibo de honorários 1037", "Laskun numero 1037", "Müşteri faturası 1037",
    "E-fatura 1037", "Faktura sprzedaży 1037", "Vystavená faktura 1037", "Daňový doklad 1037", "Račun št. 1037",
    "Счет на оплату 1037", "Рахунок-фактура 1037", "Τιμολόγιο πώλησης 1037", "فاتورة ضريبية 1037", "חשבונית מס 1037",
    "增值税发票 1037", "電子發票 1037", "納品請求書 1037", "ใบแจ้งหนี้ 1037", "Hoá đơn bán hàng 1037", "Faktur pajak 1037",
    "Invois 1037", "Resibo 1037", "Beleg-Nr. 1037", "INVOICE NUMBER: 1037", "FACTURE DE VENTE 1037",
]  # fmt: skip
SECOND_DIFFERENT = [
    ("7", "Invoice Nova 7"), ("7", "Facture Lyon 7"), ("Facture Lyon 7", "Facture Paris 7"),
    ("Nota Rio 7", "Nota Recife 7"), ("Invoice North 7", "Invoice South 7"), ("7", "Vendôme 7"), ("7", "Ventura 7"),
    ("7", "Electra 7"), ("7", "Monterey 7"), ("Rechnung Wien 7", "Rechnung Graz 7"), ("7", "Rechnung Wien 7"),
    ("Bill Gates 7", "7"), ("Factura 7-1", "Factura 7-2"), ("Invoice 7 part 1", "Invoice 7 part 2"),
    ("PO 7", "SO 7"), ("7", "Phase 7"), ("Fase 1 7", "Fase 2 7"), ("Site A 7", "Site B 7"), ("7", "Unit 7"),
    ("Lot 7", "Unit 7"), ("7", "Week 7"), ("Jan invoice 7", "Feb invoice 7"), ("7/2025", "7/2026"), ("EU-7", "US-7"),
    ("7", "EU-7"), ("Fatura Porto 7", "Fatura Lisboa 7"), ("7", "Salesforce 7"), ("7", "Taxco 7"),
    ("7", "Finland 7"), ("7", "Depot 7"), ("Invoice 70", "Invoice 7 0 1"), ("7", "Conti 7"), ("7", "Carta 7"),
    ("Facture Nord 7", "Facture Sud 7"), ("7", "Delta 7"), ("7", "Dell 7"), ("7", "Duval 7"), ("7", "Formosa 7"),
    ("7", "Export Trading 7"), ("7", "Monthly Mag 7"),
]  # fmt: skip
THIRD_1037 = [
    "Facture de services 1037", "Facture pro forma 1037", "Relevé 1037", "Facture client 1037",
    "État de compte 1037", "Facture intermédiaire 1037", "Facture mensuelle 1037", "Note de frais 1037",
    "Factura comercial 1037", "Factura de exportación 1037", "Ticket de venta 1037", "Remito 1037",
    "Factura global 1037", "Comprobante fiscal 1037", "Nota de remisión 1037", "Fattura accompagnatoria 1037",
    "Fattura d'acconto 1037", "Fattura pro-forma 1037", "Fattura PA 1037", "Fatura-recibo 1037",
    "Nota fiscal eletrônica 1037", "Fatura simplificada 1037", "Factuurnummer 1037", "Creditfactuur 1037",
    "Deelfactuur 1037", "Pro-forma factuur 1037", "Endrechnung 1037", "Rechnung für Leistung 1037",
    "Proforma-Rechnung 1037", "Kundenrechnung 1037", "Zwischenrechnung 1037", "Contractor invoice 1037",
    "Delivery note 1037", "Final invoice 1037", "Retention invoice 1037", "Subcontract invoice 1037",
    "Consulting invoice 1037", "Inv. No: 1037", "Billing statement 1037", "Sales receipt 1037",
    "Proforma Invoice 1037", "Consolidated invoice 1037", "形式发票 1037", "收據 1037",
    "商業發票 1037", "請求書 No.1037",
    "Invois cukai 1037", "Faktur penjualan 1037", "Faktura zaliczkowa 1037", "Faktura VAT marża 1037",
    "Lasku nro 1037", "Slutfaktura 1037", "Kundefaktura 1037", "فاتورة مبيعات 1037", "חשבונית עסקה 1037",
    "Faktura za prodej 1037", "Rēķins Nr. 1037", "Sąskaita faktūra 1037", "Factură fiscală 1037",
    "Фактура за продажба 1037",
]  # fmt: skip
THIRD_DIFFERENT = [
    ("Facture Bruxelles 7", "Facture Namur 7"), ("7", "Facture Namur 7"), ("Invoice may 7", "Invoice june 7"),
    ("Factura julio 7", "Factura agosto 7"), ("Bill Austin 7", "Bill Dallas 7"), ("7", "Bill Austin 7"),
    ("INVOICE AUSTIN 7", "INVOICE DALLAS 7"), ("7", "INVOICE AUSTIN 7"), ("invoice austin 7", "invoice dallas 7"),
    ("7", "Order Acme 7"), ("Fattura Roma 7", "Fattura Milano 7"), ("Fatura Rio 7", "7"),
    ("Rechnung Teil 1 7", "Rechnung Teil 2 7"), ("Factuur noord 7", "Factuur zuid 7"), ("MX-7", "US-7"),
    ("7", "MX-7"), ("7", "Vento 7"), ("7", "Marina 7"), ("7", "Cobra 7"), ("7", "Costa 7"), ("7", "Simple 7"),
    ("7", "Cash 7"), ("7", "Standard 7"), ("7", "Parcel 7"), ("7", "Saldo 7"), ("7", "Delhi 7"),
    ("7", "Del Monte 7"), ("7", "La Mesa 7"), ("发票 北京 7", "发票 上海 7"), ("7", "发票 北京 7"), ("7", "A 7"),
    ("Invoice A 7", "Invoice B 7"), ("Invoice a 7", "Invoice b 7"), ("Job red 7", "Job blue 7"),
    ("Load I 7", "Load U 7"), ("W-7", "E-7"), ("7-W", "7-E"), ("7", "7-2"), ("7", "7/1"),
    ("Invoice 7A", "Invoice 7B"),
]  # fmt: skip

ROUNDS = {
    "first": (FIRST_SAME, FIRST_DIFFERENT),
    "second": ([("1037", text) for text in SECOND_1037], SECOND_DIFFERENT),
    "third": ([("1037", text) for text in THIRD_1037], THIRD_DIFFERENT),
}
