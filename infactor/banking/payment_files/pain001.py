"""pain.001.001.09: credit transfers in ISO 20022. Every payment is booked alone, so that a statement confirms it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pyiso20022.pain.pain_001_001_09 import pain_001_001_09 as iso
from stdnum import bic, iban
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from infactor.banking.models import HouseAccount
from infactor.banking.payment_files.characters import has_letters, to_sepa, to_unicode
from infactor.banking.payment_files.orders import Batch, PaymentOrder
from infactor.core.business_day import business_zone
from infactor.core.money import smallest_unit
from infactor.suppliers import bank_numbers

EXTENSION, CONTENT_TYPE = "xml", "application/xml"
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME_LENGTH, SEPA_NAME_LENGTH, TEXT_LENGTH = 140, 70, 140
MAX_SEPA_AMOUNT = Decimal("999999999.99")
# Which code list a bank's number is from (ISO 20022, ExternalClearingSystemIdentification1Code).
CLEARING_SYSTEMS = {
    "AU": "AUBSB", "CA": "CACPA", "CN": "CNAPS", "GB": "GBDSC", "HK": "HKNCC", "IN": "INFSC", "JP": "JPZGN",
    "NZ": "NZNCC", "SG": "SGIBG", "TH": "THCBC", "TW": "TWNCC", "US": "USABA", "ZA": "ZANCC",
}  # fmt: skip
# Where a payment in euro is a SEPA credit transfer (EPC409), by the country of the IBAN.
SEPA_COUNTRIES = frozenset({
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR",
    "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL",
    "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
})  # fmt: skip


def problem(account: HouseAccount) -> str:
    """What `account` lacks, as a part of a sentence; empty if nothing."""
    if not has_letters(_plain(account.originator_name, account.currency)):
        return "this account has no originator name" + _in_latin(account.currency)
    if not _country(account):
        return "this account has no country of its bank"
    if not (
        account.bic or account.routing_number or (account.currency == "EUR" and iban.is_valid(account.account_number))
    ):
        return "this account has neither a BIC nor a routing number of its bank"
    return ""


def refusal(order: PaymentOrder) -> str:
    """Why pain.001 cannot carry a payment; empty if it can."""
    if not has_letters(_plain(order.payee, order.currency)):
        return f"the payee has no name{_in_latin(order.currency)}."
    if not (order.routing_number or bank_numbers.has_iban(order.country)):
        return "the BIC or the number of the payee's bank is missing."
    if _is_sepa(order.currency, order.country) and order.amount > MAX_SEPA_AMOUNT:
        return "SEPA carries at most 999,999,999.99 in one payment."
    return ""


def batch_problem(batch: Batch) -> str:
    """What is too large about a batch as a whole: nothing."""
    return ""


def content(batch: Batch) -> bytes:
    """The file. SEPA's payments and others are ordered apart."""
    sepa = [order for order in batch.orders if _is_sepa(order.currency, order.country)]
    others = [order for order in batch.orders if not _is_sepa(order.currency, order.country)]
    parts = [(orders, is_sepa) for orders, is_sepa in ((sepa, True), (others, False)) if orders]
    document = iso.Document(
        cstmr_cdt_trf_initn=iso.CustomerCreditTransferInitiationV09(
            grp_hdr=iso.GroupHeader85(
                msg_id=batch.batch_id,
                cre_dt_tm=XmlDateTime.from_datetime(batch.at.astimezone(business_zone()).replace(microsecond=0)),
                nb_of_txs=str(len(batch.orders)),
                ctrl_sum=_units(batch.control_sum, batch.account.currency),
                initg_pty=_originator(batch.account),
            ),
            pmt_inf=[_instruction(batch, orders, is_sepa=is_sepa) for orders, is_sepa in parts],
        )
    )
    serializer = XmlSerializer(config=SerializerConfig(indent="  "))
    return serializer.render(document, ns_map={None: NAMESPACE}).encode()


def _instruction(batch: Batch, orders: Sequence[PaymentOrder], *, is_sepa: bool) -> Any:
    account = batch.account
    return iso.PaymentInstruction30(
        # Two parts of a batch need two ids of at most 35 characters.
        pmt_inf_id=batch.batch_id if len(orders) == len(batch.orders) else f"{batch.batch_id[-33:]}-{1 + is_sepa}",
        pmt_mtd=iso.PaymentMethod3Code.TRF,
        btch_bookg=False,
        nb_of_txs=str(len(orders)),
        ctrl_sum=_units(sum((order.amount for order in orders), Decimal(0)), account.currency),
        pmt_tp_inf=iso.PaymentTypeInformation26(svc_lvl=[iso.ServiceLevel8Choice(cd="SEPA")]) if is_sepa else None,
        reqd_exctn_dt=iso.DateAndDateTime2Choice(dt=XmlDate.from_date(batch.execution_day)),
        dbtr=_originator(account),
        dbtr_acct=_account(account.account_number, currency=account.currency),
        dbtr_agt=_bank(account.bic or account.routing_number, country=_country(account)),
        chrg_br=iso.ChargeBearerType1Code.SLEV if is_sepa else iso.ChargeBearerType1Code.SHAR,
        cdt_trf_tx_inf=[_transaction(order) for order in orders],
    )


def _transaction(order: PaymentOrder) -> Any:
    text = _plain(order.text, order.currency)[:TEXT_LENGTH].rstrip()
    # With an IBAN the bank of the payee is known. Elsewhere it is named.
    has_bank = bool(order.routing_number)
    return iso.CreditTransferTransaction34(
        pmt_id=iso.PaymentIdentification6(end_to_end_id=order.end_to_end_id),
        amt=iso.AmountType4Choice(
            instd_amt=iso.ActiveOrHistoricCurrencyAndAmount(
                value=_units(order.amount, order.currency), ccy=order.currency
            )
        ),
        cdtr_agt=_bank(order.routing_number, country=order.country) if has_bank else None,
        cdtr=iso.PartyIdentification135(
            nm=_name(order.payee, order.currency), pstl_adr=iso.PostalAddress24(ctry=order.country)
        ),
        cdtr_acct=_account(order.account_number),
        rmt_inf=iso.RemittanceInformation16(ustrd=[text]) if text else None,
    )


def _originator(account: HouseAccount) -> Any:
    own_id = to_sepa(account.originator_id)
    organisation = iso.OrganisationIdentification29(othr=[iso.GenericOrganisationIdentification1(id=own_id)])
    return iso.PartyIdentification135(
        nm=_name(account.originator_name, account.currency),
        id=iso.Party38Choice(org_id=organisation) if own_id else None,
    )


def _account(number: str, *, currency: str | None = None) -> Any:
    if iban.is_valid(number):
        found = iso.AccountIdentification4Choice(iban=number)
    else:
        found = iso.AccountIdentification4Choice(othr=iso.GenericAccountIdentification1(id=number))
    return iso.CashAccount38(id=found, ccy=currency)


def _bank(number: str, *, country: str) -> Any:
    """A bank by its BIC or its number in the clearing of its country; by the account's IBAN where there is neither."""
    if not number:
        given = {"othr": iso.GenericFinancialIdentification1(id="NOTPROVIDED")}
    elif not number.isdigit() and bic.is_valid(number):
        given = {"bicfi": number}
    else:
        system = CLEARING_SYSTEMS.get(country)
        kind = iso.ClearingSystemIdentification2Choice(cd=system) if system else None
        given = {"clr_sys_mmb_id": iso.ClearingSystemMemberIdentification2(clr_sys_id=kind, mmb_id=number)}
    return iso.BranchAndFinancialInstitutionIdentification6(
        fin_instn_id=iso.FinancialInstitutionIdentification18(**given)
    )


def _country(account: HouseAccount) -> str:
    return account.account_number[:2] if iban.is_valid(account.account_number) else account.country


def _is_sepa(currency: str, country: str) -> bool:
    return currency == "EUR" and country in SEPA_COUNTRIES


def _plain(text: str, currency: str) -> str:
    return to_sepa(text) if currency == "EUR" else to_unicode(text)


def _name(name: str, currency: str) -> str:
    return _plain(name, currency)[: SEPA_NAME_LENGTH if currency == "EUR" else NAME_LENGTH].rstrip()


def _in_latin(currency: str) -> str:
    return " in Latin letters" if currency == "EUR" else ""


def _units(amount: Decimal, currency: str) -> Decimal:
    """An amount with the decimals that its currency has."""
    return amount.quantize(smallest_unit(currency))
