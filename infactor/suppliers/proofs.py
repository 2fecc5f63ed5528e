"""Documents that prove something in force are not deleted."""

from django.utils.translation import gettext as _

from infactor.documents.models import Document
from infactor.suppliers import checks
from infactor.suppliers.models import BankAccount


def why_kept(document: Document) -> str:
    """Why `document` may not be deleted now, "" where nothing rests on it."""
    if checks.is_proof(document):
        return _("An onboarding check rests on this document. Record the check anew with another one first.")
    if BankAccount.objects.filter(proof_document=document, status=BankAccount.Status.IN_USE).exists():
        return _("The bank account in use was confirmed by this document. It is kept as long as the account is in use.")
    return ""
