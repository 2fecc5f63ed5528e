"""Models of suppliers: memberships, applications, agreements and bank accounts."""

from infactor.suppliers.models.agreement import AgreementAcceptance, AgreementText
from infactor.suppliers.models.application import Application, Owner
from infactor.suppliers.models.bank_account import BankAccount
from infactor.suppliers.models.supplier import Membership, Supplier

__all__ = ["AgreementAcceptance", "AgreementText", "Application", "BankAccount", "Membership", "Owner", "Supplier"]
