"""An acknowledgement and a release at once, or two acknowledgements, leave one notice and one mail of each kind."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from infactor.core.models import OutgoingMail
from infactor.financing.advances import repurchases
from infactor.financing.models import Notice
from infactor.financing.notices import acknowledgements
from infactor.financing.notices.issuance import NoticeError
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import build_scenario
from tests.support.scenarios.notices import mails_of, notice_of

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> None:
    """Run all `works` concurrently. A refusal is an outcome like any other."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except NoticeError:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_clicks_at_once_acknowledge_once_and_a_release_comes_last() -> None:
    scenario = build_scenario()
    scenario.terms()
    advance = scenario.funded(scenario.invoice(scenario.buyer("Cedar")))
    money_out.leave(scenario, advance)
    notice = notice_of(advance)

    def acknowledge() -> None:
        acknowledgements.acknowledge(notice=notice, name="Ann", ip=None, user_agent="", at=scenario.now)

    def repurchase() -> None:
        repurchases.repurchase(
            advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Unpaid"
        )

    at_once(acknowledge, acknowledge, repurchase, acknowledge)
    ended = notice_of(advance)
    assert ended.status == Notice.Status.RELEASED
    assert len(mails_of(notice, "release")) == 1
    assert len(mails_of(notice, "receipt")) == (1 if ended.acknowledged_at else 0)
    assert OutgoingMail.objects.filter(key__startswith="notice.").count() == len(mails_of(notice))
