"""Gives an invoice what backs it: an estimate that the customer accepted, and a delivery note as a file."""

from quickbooks_app.sandbox.accounting import attachments, writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.formats.pdf import print_transaction
from quickbooks_app.sandbox.runtime.documents import Document

_LINE_FIELDS = ("Amount", "Description", "DetailType", "SalesItemLineDetail")


def add_proof_of_order(books: Books, invoice: Document, *, rules: WriteRules) -> Document:
    """Write an accepted estimate of the same lines, link the invoice with it, attach a delivery note to the invoice.

    Returns the estimate. Raises BusinessFault where one of them is refused.
    """
    lines = [
        {name: line[name] for name in _LINE_FIELDS if name in line}
        for line in invoice["Line"]
        if line["DetailType"] == "SalesItemLineDetail"
    ]
    customer = {"value": invoice["CustomerRef"]["value"]}
    body = {
        "CustomerRef": customer,
        "TxnDate": invoice["TxnDate"],
        "DocNumber": f"E-{invoice.get('DocNumber') or invoice['Id']}"[:21],
        "Line": lines,
        "TxnStatus": "Accepted",
        "AcceptedBy": "Purchasing",
        "AcceptedDate": invoice["TxnDate"],
    }
    estimate = writing.create(books, entity="Estimate", payload=body, rules=rules)
    links = [*invoice["LinkedTxn"], {"TxnId": estimate["Id"], "TxnType": "Estimate"}]
    update = {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"], "sparse": True, "LinkedTxn": links}
    writing.update(books, entity="Invoice", payload=update, rules=rules)
    company = books.get("CompanyInfo", "1")
    attachments.attach_file(
        books,
        metadata={
            "FileName": f"Delivery note {body['DocNumber']}.pdf",
            "AttachableRef": [{"EntityRef": {"type": "Invoice", "value": invoice["Id"]}}],
        },
        content=print_transaction("Estimate", estimate, company=company, at=books.at),
    )
    return estimate
