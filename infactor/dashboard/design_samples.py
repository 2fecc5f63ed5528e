"""What the parts of the /design page show that need more than a word: a quote, tasks, events, a history, settings."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from infactor.dashboard.home.task import Task
from infactor.dashboard.home.todo import Event
from infactor.dashboard.invoices.chips import Chip
from infactor.dashboard.invoices.selection import Selection, Totals
from infactor.dashboard.onboarding import Step

TODAY = date(2026, 11, 30)
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
HERE = "#d-tasks"


def samples() -> dict[str, Any]:
    """The context of these parts, with figures that fit together."""
    steps = [
        Step("Create your account", "Your email address is confirmed.", is_done=True),
        Step("Connect QuickBooks", "Your invoices appear.", is_done=False, url=HERE, action_text="Connect"),
        Step("Request your first advance", "Choose invoices and see what you get.", is_done=False),
    ]
    return {
        "chips": [
            Chip("Open", 1240, HERE, is_on=True),
            Chip("Overdue", 4, HERE, is_on=False),
            Chip("Eligible", 31, HERE, is_on=False),
        ],
        "selection": Selection(
            ids=(UUID(int=1), UUID(int=2)),
            totals=(Totals("USD", Decimal("4780.00"), Decimal("4063.00"), Decimal("95.60")),),
            left_out=0,
        ),
        "quote": _quote(),
        "steps": steps,
        "steps_done": 1,
        "next_step": steps[1],
        "tasks": [
            Task("info", "You have an offer of $4,063.00.", "See what it costs.", HERE, "Review offer"),
            Task("warn", "Your buyer disputes invoice 1064.", "Correct it, then resubmit it.", HERE, "View invoice"),
        ],
        "today": TODAY,
        "events": [
            Event(TODAY + timedelta(days=3), "Offer expires", "", HERE, amount_text="$4,063.00"),
            Event(TODAY - timedelta(days=22), "Buyer's payment due", "1053", HERE, amount_text="$1,180.00"),
            Event(TODAY + timedelta(days=9), "Repurchase due if unpaid", "1057", HERE, note="Disputed"),
        ],
        "history": [
            SimpleNamespace(title="Imported", at=NOON, changed_in_books_at=None, changes=[]),
            SimpleNamespace(
                title="Changed in QuickBooks",
                at=NOON,
                changed_in_books_at=NOON - timedelta(hours=1),
                changes=[("Amount", "$1,080.00", "$1,180.00"), ("Note", "", "Thank you")],
            ),
        ],
        "matrix": [
            _matrix_row("Offers", "An offer is ready, or expires.", in_app=True, by_mail=True),
            _matrix_row("Money", "An advance is on its way.", in_app=True, by_mail=False),
            _matrix_row("Security", "Somebody joins or leaves.", in_app=True, by_mail=True, is_fixed=True),
        ],
    }


def _quote() -> dict[str, Any]:
    figures = {
        "currency": "USD",
        "cash_now": Decimal("4063.00"),
        "base": Decimal("4780.00"),
        "advance_rate": Decimal("85"),
        "wire_fees": Decimal("0.00"),
        "reserve": Decimal("717.00"),
        "first_fee_days": 30,
        "additional_fee_days": 15,
        "cost_per_additional_period": Decimal("47.80"),
        "scenarios": [
            {"days": 30, "cost": Decimal("95.60"), "annual_rate": Decimal("28.63")},
            {"days": 45, "cost": Decimal("143.40"), "annual_rate": Decimal("28.63")},
        ],
    }
    return {"figures": figures, "cost": Decimal("95.60"), "cost_of_100": Decimal("2.35")}


def _matrix_row(label: str, example: str, *, in_app: bool, by_mail: bool, is_fixed: bool = False) -> SimpleNamespace:
    channels = SimpleNamespace(in_app=in_app, by_mail=by_mail)
    return SimpleNamespace(kind=SimpleNamespace(label=label), example=example, is_fixed=is_fixed, channels=channels)
