"""Models of suppliers: memberships, applications, onboarding checks, agreements and bank accounts."""

from infactor.suppliers.models.acceptance_rule import AcceptanceRule
from infactor.suppliers.models.agreement import AgreementAcceptance, AgreementText
from infactor.suppliers.models.application import Application, Owner
from infactor.suppliers.models.bank_account import BankAccount
from infactor.suppliers.models.check import Check, CheckKind, CheckRequirement
from infactor.suppliers.models.closing import AccountClosing
from infactor.suppliers.models.invitation import Invitation
from infactor.suppliers.models.notification import Notification, NotificationChoice, NotificationKind
from infactor.suppliers.models.supplier import Membership, Supplier, SupplierName

__all__ = [
    "AcceptanceRule",
    "AccountClosing",
    "AgreementAcceptance",
    "AgreementText",
    "Application",
    "BankAccount",
    "Check",
    "CheckKind",
    "CheckRequirement",
    "Invitation",
    "Membership",
    "Notification",
    "NotificationChoice",
    "NotificationKind",
    "Owner",
    "Supplier",
    "SupplierName",
]
