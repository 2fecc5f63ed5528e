"""Staff's pages of requests to buyers, of their answers, and of colleagues whom buyers name."""

from infactor.verification.admin import forwards, verifications  # noqa: F401  they register their models
