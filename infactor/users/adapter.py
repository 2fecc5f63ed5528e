"""allauth's adapter, with infactor's limits on attempts and its warnings."""

from infactor.users.security.sign_in_limits import SignInProtection


class AccountAdapter(SignInProtection):
    """What allauth asks for in everything about accounts."""
