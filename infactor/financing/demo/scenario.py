"""Eleven weeks of Harbor Street Print with infactor, as data: every closing of an advance, all work for staff."""

from infactor.financing.demo.actions import (
    accept_offer,
    approve_payout,
    buyer_acknowledges,
    buyer_confirms,
    buyer_disputes,
    fail_payout,
    fund_advances,
    make_offer,
    open_dispute,
    pay_debt,
    record_payment,
    record_phone_confirmation,
    record_unallocated_payment,
    refuse_request,
    remit_surplus,
    repurchase,
    request_financing,
    request_verification,
    resend_payout,
    settle,
)
from infactor.financing.demo.customers import MARIGOLD
from infactor.financing.demo.events import event
from infactor.financing.demo.onboarding_actions import (
    add_bank_account,
    approve_supplier,
    set_buyer_limit,
    set_supplier_limit,
    set_terms,
    submit_application,
)

FIRST_IMPORT_DAYS_AGO = 80  # before every other event

# Days are counted back from today. Within a day, events happen in this order.
SCENARIO = (
    event(79, submit_application),
    event(77, approve_supplier),
    event(77, set_terms, amount="40", text="Few buyers to begin with, all of them long known."),
    event(77, set_supplier_limit, amount="150000", text="Six months of clean books; to be reviewed in spring."),
    # Juniper Hotels does not pay in time: repurchased after the recourse date.
    event(76, request_verification, "1051", "1052"),
    event(75, buyer_confirms, "1051", text="Daniel Abara"),
    event(74, request_financing, "1051"),
    event(74, accept_offer, "1051"),
    event(73, fund_advances, "1051"),
    event(72, buyer_acknowledges, "1051", text="Daniel Abara"),
    # An automatic offer, paid in full, settled with a rebate.
    event(73, buyer_confirms, "1052", text="Ines Calder"),
    event(72, request_financing, "1052"),
    event(72, accept_offer, "1052"),
    event(71, fund_advances, "1052"),
    event(70, buyer_acknowledges, "1052", text="Ines Calder"),
    # Two invoices in one offer.
    event(74, request_verification, "1053", "1054"),
    event(72, buyer_confirms, "1053", text="Jon Behr"),
    event(72, buyer_confirms, "1054", text="Marta Oduya"),
    event(71, request_financing, "1053", "1054"),
    event(70, make_offer, "1053"),
    event(70, accept_offer, "1053"),
    event(69, fund_advances, "1053", "1054"),
    event(68, buyer_acknowledges, "1053", text="Jon Behr"),
    event(66, buyer_acknowledges, "1054", text="Marta Oduya"),
    # Confirmed by phone; only half paid, and late.
    event(65, record_phone_confirmation, "1057", text="Paul Whitlow"),
    event(64, request_financing, "1057"),
    event(63, make_offer, "1057"),
    event(62, accept_offer, "1057"),
    event(61, fund_advances, "1057"),
    event(60, buyer_acknowledges, "1057", text="Paul Whitlow"),
    # A payout that fails.
    event(57, request_financing, "1056"),
    event(57, accept_offer, "1056"),
    event(56, fund_advances, "1056"),
    event(54, fail_payout, "1056", text="The bank could not reach the account (R03)."),
    event(53, resend_payout, "1056"),
    event(52, buyer_acknowledges, "1056", text="Paul Whitlow"),
    # Disputed after funding.
    event(49, request_verification, "1058"),
    event(48, buyer_confirms, "1058", text="Saoirse Lund"),
    event(48, request_financing, "1058"),
    event(47, make_offer, "1058"),
    event(47, accept_offer, "1058"),
    event(46, fund_advances, "1058"),
    event(45, buyer_acknowledges, "1058", text="Saoirse Lund"),
    event(45, record_payment, "1052", amount="4557", text="BAYSIDE MUSEUM TRUST"),
    event(44, settle, "1052"),
    # Paid in full, waiting for settlement.
    event(42, request_verification, "1059"),
    event(42, buyer_confirms, "1059", text="Jon Behr"),
    event(41, request_financing, "1059"),
    event(41, make_offer, "1059"),
    event(40, accept_offer, "1059"),
    event(40, fund_advances, "1059"),
    event(39, buyer_acknowledges, "1059", text="Jon Behr"),
    # Large enough for dual control.
    event(37, set_buyer_limit, MARIGOLD, amount="40000", text="A public school district; its budget is public, too."),
    event(37, request_verification, "1060"),
    event(36, buyer_confirms, "1060", text="Helen Strand"),
    # The buyer pays too much: the surplus is remitted.
    event(36, record_payment, "1054", amount="3300", text="ELM & OAK FURNITURE LLC"),
    event(35, settle, "1054"),
    event(34, remit_surplus, "1054", amount="150"),
    event(35, request_financing, "1060"),
    event(34, make_offer, "1060"),
    event(34, accept_offer, "1060"),
    event(33, fund_advances, "1060"),
    event(33, approve_payout, "1060"),
    event(30, record_payment, "1053", amount="6400", text="CASCADE OUTFITTERS INC"),
    event(29, settle, "1053"),
    event(26, repurchase, "1051", text="Unpaid on its recourse date."),
    event(24, pay_debt, text="HARBOR STREET PRINT LLC"),
    event(23, request_financing, "1062"),
    event(
        22, refuse_request, "1062", text="Golden Gate Events moved this event to next year: ask again when it is held."
    ),
    event(20, record_payment, "1056", amount="2900", text="FENNEL GROCERS CO-OP"),
    event(19, settle, "1056"),
    event(22, request_verification, "1064"),
    event(20, buyer_disputes, "1064", text="We ordered 900 catalogues, not 1,200. Please send a corrected invoice."),
    event(16, set_terms, amount="30", text="More buyers by now: less of it on one of them."),
    event(15, open_dispute, "1058", text="40 of 400 banners arrived torn; the buyer wants them printed again."),
    event(14, request_financing, "1063"),
    event(12, record_payment, "1057", amount="2600", text="FENNEL GROCERS CO-OP"),
    event(11, request_verification, "1069"),
    event(10, buyer_confirms, "1069", text="Helen Strand"),
    event(9, request_verification, "1070"),
    event(6, buyer_confirms, "1070", text="Jon Behr"),
    # Waiting for the supplier's answer.
    event(5, request_financing, "1068", "1067"),
    event(4, make_offer, "1068"),
    # A new bank account, old enough to be confirmed.
    event(4, add_bank_account),
    # Waiting for a second person to approve the payout.
    event(4, request_financing, "1069"),
    event(3, make_offer, "1069"),
    event(2, accept_offer, "1069"),
    event(1, fund_advances, "1069"),
    # Accepted and not funded yet.
    event(3, request_financing, "1071"),
    event(2, accept_offer, "1071"),
    event(3, record_payment, "1059", amount="5600", text="CASCADE OUTFITTERS INC"),
    # Waiting for a price, for the buyer's answer, and for an allocation.
    event(2, request_financing, "1070"),
    event(2, request_verification, "1076"),
    event(2, record_unallocated_payment, amount="1980", text="BAYSIDE MUSEUM TRUST"),
)
