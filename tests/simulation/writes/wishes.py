"""What staff of infactor ask to be written: random pushes about the objects that infactor holds of a company."""

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from quickbooks_app.documents import payloads
from quickbooks_app.models import Connection, Document
from quickbooks_app.sandbox.runtime.documents import amount_of, decode

KINDS = {
    "new_customer": 3,
    "taken_name": 1,
    "new_invoice": 4,
    "new_payment": 3,
    "change_customer": 3,
    "change_invoice": 7,
    "change_payment": 1,
    "apply_payment": 3,
    "void_invoice": 2,
    "delete_invoice": 2,
    "void_payment": 1,
    "delete_payment": 1,
    "delete_credit": 1,
    "inactivate_customer": 1,
    "send_invoice": 1,
}
IN_BATCHES = ("new_customer", "taken_name", "new_invoice", "new_payment", "change_invoice", "void_payment")


class Wish(NamedTuple):
    """One write: what to do with which object, and the fields. `tag` names a new object for ever."""

    operation: str
    entity: str
    qbk_id: str
    fields: dict[str, Any]
    tag: str = ""
    sync_token: str = ""


class Wishes:
    """Random wishes about one company."""

    def __init__(self, *, connection: Connection, chance: Random, number: Callable[[], int]) -> None:
        self._connection, self._chance, self._number = connection, chance, number

    def any(self, kinds: tuple[str, ...] = tuple(KINDS)) -> Wish | None:
        """A random wish; None if infactor holds nothing that it could be about."""
        kind = self._chance.choices(kinds, weights=[KINDS[one] for one in kinds])[0]
        try:
            wish: Wish = getattr(self, f"_{kind}")()
        except LookupError:
            return None
        return wish

    def _new_customer(self) -> Wish:
        tag = self._tag()
        return Wish("create", "Customer", "", {"DisplayName": f"Pushed {tag}", "Notes": tag}, tag)

    def _taken_name(self) -> Wish:
        tag = self._tag()
        return Wish("create", "Customer", "", {"DisplayName": self._held("Customer")["DisplayName"], "Notes": tag}, tag)

    def _new_invoice(self) -> Wish:
        tag = self._tag()
        customer = {"value": self._held("Customer")["Id"]}
        return Wish("create", "Invoice", "", {"CustomerRef": customer, "Line": self._lines(), "TrackingNum": tag}, tag)

    def _new_payment(self) -> Wish:
        tag, invoice = self._tag(), self._open_invoice()
        amount = self._part(amount_of(invoice, "Balance"))
        fields = {
            "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
            "TotalAmt": amount,
            "Line": [_line(invoice["Id"], amount)],
            "PaymentRefNum": tag,
        }
        return Wish("create", "Payment", "", fields, tag)

    def _change_customer(self) -> Wish:
        number = self._number()
        fields = self._chance.choice(
            ({"DisplayName": f"Renamed by push {number}"}, {"CompanyName": f"Company {number}"})
        )
        return self._of("update", self._held("Customer"), "Customer", fields)

    def _change_invoice(self) -> Wish:
        number = self._number()
        fields = self._chance.choice(
            (
                {"PrivateNote": f"Ours {number}"},
                {"DueDate": f"2026-12-{1 + number % 28:02}"},
                {"CustomerMemo": {"value": f"Ours {number}"}},
                {"DocNumber": f"P{number}", "PrivateNote": f"Ours {number}"},
                {"Line": self._lines()},
            )
        )
        return self._of("update", self._held("Invoice"), "Invoice", fields)

    def _change_payment(self) -> Wish:
        return self._of("update", self._held("Payment"), "Payment", {"PrivateNote": f"Ours {self._number()}"})

    def _apply_payment(self) -> Wish:
        """Lay the rest of a payment against an invoice of its customer."""
        payment = self._held("Payment", lambda one: amount_of(one, "UnappliedAmt") > 0)
        invoice = self._open_invoice(customer=payment["CustomerRef"]["value"])
        amount = min(amount_of(payment, "UnappliedAmt"), amount_of(invoice, "Balance"))
        return self._of("update", payment, "Payment", {"Line": [_line(invoice["Id"], amount)]})

    def _void_invoice(self) -> Wish:
        return self._of("void", self._held("Invoice"), "Invoice")

    def _delete_invoice(self) -> Wish:
        return self._of("delete", self._held("Invoice"), "Invoice")

    def _void_payment(self) -> Wish:
        return self._of("void", self._held("Payment"), "Payment")

    def _delete_payment(self) -> Wish:
        return self._of("delete", self._held("Payment"), "Payment")

    def _delete_credit(self) -> Wish:
        return self._of("delete", self._held("CreditMemo"), "CreditMemo")

    def _inactivate_customer(self) -> Wish:
        return self._of("inactivate", self._held("Customer"), "Customer")

    def _send_invoice(self) -> Wish:
        return self._of("send", self._held("Invoice"), "Invoice", {"to": "ap@buyer.example"})

    def _of(self, operation: str, document: dict[str, Any], entity: str, fields: dict[str, Any] | None = None) -> Wish:
        return Wish(operation, entity, document["Id"], fields or {}, sync_token=document["SyncToken"])

    def _held(self, entity: str, suits: Callable[[dict[str, Any]], bool] = lambda one: True) -> dict[str, Any]:
        """Any object that infactor holds. Raises LookupError if none suits."""
        rows = Document.objects.filter(connection=self._connection, entity=entity, deleted_at__isnull=True)
        return self._chance.choice([one for row in rows.order_by("pk") if suits(one := decode(payloads.read(row)))])

    def _open_invoice(self, *, customer: str = "") -> dict[str, Any]:
        return self._held(
            "Invoice",
            lambda one: amount_of(one, "Balance") > 0 and customer in ("", one["CustomerRef"]["value"]),
        )

    def _tag(self) -> str:
        return f"push-{self._number()}"

    def _part(self, amount: Decimal) -> Decimal:
        return max((amount * self._chance.choice((1, Decimal("0.5")))).quantize(Decimal("0.01")), Decimal("0.01"))

    def _lines(self) -> list[dict[str, Any]]:
        detail = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
        return [{"Amount": Decimal(self._chance.randint(100, 99_999)) / 100, **detail}]


def _line(invoice: str, amount: Decimal) -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
