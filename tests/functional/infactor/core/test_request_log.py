"""The log has one line of JSON for each request: who asked for what and was refused. Nobody forges a line."""

import json
import logging
from typing import Any

import pytest
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from infactor.core.transitions import TransitionNotAllowed
from infactor.financing.origination import offers
from infactor.settings.logs import logging_config
from infactor.users import roles
from infactor.users.models import User
from tests.support.scenarios.financing import Scenario, staff_member

pytestmark = pytest.mark.django_db


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What production writes for the records so far, read as a log processor reads it: line by line."""
    options = logging_config(json=True)["formatters"]["infactor"]
    formatter = ProcessorFormatter(processor=options["processor"], foreign_pre_chain=options["foreign_pre_chain"])
    written = "\n".join(formatter.format(record) for record in caplog.records)
    return [json.loads(line) for line in written.splitlines()]


def test_a_refused_request_is_logged_with_its_person_its_address_and_its_moment(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    person = staff_member(roles.READ_ONLY)
    client.force_login(person)
    caplog.set_level(logging.INFO)
    client.get("/admin/financing/limit/add/")
    client.get("/no-such-page")
    refused = [line for line in lines(caplog) if line["event"] == "request_finished"]
    assert [(line["code"], line["user_id"], line["request"]) for line in refused] == [
        (403, person.pk, "GET /admin/financing/limit/add/"),
        (404, person.pk, "GET /no-such-page"),
    ]
    for line in refused:
        assert line["timestamp"].endswith("Z")
        assert line["request_id"]
        assert person.email not in str(line)


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\x1b[2J", "\u2028", "\x85"])
def test_a_visitor_forges_no_line(client: Client, caplog: pytest.LogCaptureFixture, sign: str) -> None:
    forged = f'a{sign}{{"event": "payout_sent", "user_id": 1}}'
    caplog.set_level(logging.INFO)
    client.get("/no-such-page/", {"q": forged}, headers={"user-agent": forged})
    client.get(f"/no-such-page/{forged}")
    client.post("/accounts/login/", {"login": forged, "password": forged})
    written = lines(caplog)
    assert len(written) == len(caplog.records)
    assert "payout_sent" not in {line["event"] for line in written}
    assert sign not in "".join(line["request"] for line in written if "request" in line)


@pytest.mark.parametrize(
    ("role", "kinds", "unoffered"), [("Root", ["invalid_choice"], True), ("", ["required"], False)]
)
def test_input_that_a_page_refuses_is_logged_without_its_values(
    client: Client, caplog: pytest.LogCaptureFixture, role: str, kinds: list[str], unoffered: bool
) -> None:
    client.force_login(User.objects.create_superuser("root@infactor.example", "a long passphrase"))
    sent = {"email": "canary@infactor.example", "name": "Canary", "role": role}
    preview_token = client.get("/admin/users/user/add/").context["preview_token"]
    client.post("/admin/users/user/add/", {**sent, "preview_token": preview_token})
    (line,) = [line for line in lines(caplog) if line["event"] == "input_refused"]
    assert (line["form"], line["kinds"], line["unoffered"]) == ("InvitationForm", {"role": kinds}, unoffered)
    assert "anary" not in str(line)
    assert line["request_id"]


def test_a_step_in_the_wrong_order_is_logged(scenario: Scenario, caplog: pytest.LogCaptureFixture) -> None:
    offer = scenario.offer(scenario.invoice(scenario.buyer()))
    offers.decline(offer=offer, by=scenario.owner, at=scenario.now, reason="")
    with pytest.raises(TransitionNotAllowed):
        offers.decline(offer=offer, by=scenario.owner, at=scenario.now, reason="")
    (line,) = [line for line in lines(caplog) if line["event"] == "transition_refused"]
    assert (line["row"], line["pk"], line["by"]) == ("financing.Offer", offer.pk, scenario.owner.pk)
