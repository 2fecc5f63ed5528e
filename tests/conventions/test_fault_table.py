"""Every fault in the fault table names the tests that cover it, and every named test exists."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TROUBLE = "integration/quickbooks_app/sync/test_run_worker_failures.py::TestTrouble"
TOKENS = "integration/quickbooks_app/sync/test_run_worker_tokens.py::TestTokens"
REFRESH = "integration/quickbooks_app/auth/test_tokens.py"
CUT = "integration/quickbooks_app/sync/test_run_worker_interrupted.py::TestInterrupted"
HTTP = "functional/quickbooks_app/api/test_error_responses.py"
KILLED = "resilience/quickbooks_app/sync/test_killed_workers.py"
CONSENT = "functional/quickbooks_app/connections/test_authorization_flow.py"
AGAIN = "functional/quickbooks_app/connections/test_reconnecting.py"
PAGES = "unit/quickbooks_app/api/test_keyset_pagination.py"
SYNCED = "integration/quickbooks_app/sync/test_apply_page.py"
FINANCED = "functional/quickbooks_app/sync/test_changes_of_financed_invoices.py"
LEFT = f"{FINANCED}::test_what_is_paid_voided_or_deleted_in_the_books_leaves_the_eligible_list"
HOOKS = "functional/quickbooks_app/webhooks/test_inbox.py"
DRAIN = "functional/quickbooks_app/webhooks/test_processing.py"
SPOILED = "functional/quickbooks_app/sync/test_refused_objects.py"
SUSPECTED = "functional/quickbooks_app/sync/test_suspected_objects.py"
PASSING = f"{TROUBLE}::test_passing_trouble_on_any_page_costs_time_and_nothing_else"
OVER_HTTP = f"{HTTP}::test_a_passing_fault_costs_time_and_the_books_end_in_step"

FAULTS: dict[str, list[str]] = {
    "disk full": [
        "functional/infactor/core/test_failing_parts.py::test_a_full_disk_says_when_to_come_again",
        f"{CUT}::test_a_crash_while_a_page_is_written_repeats_that_page_only",
    ],
    "401 on a page in the middle": [
        f"{TOKENS}::test_a_token_that_ends_in_mid_run_is_refreshed_once_and_the_page_repeated",
        OVER_HTTP,
    ],
    "401 again after the refresh": [f"{TOKENS}::test_a_fresh_token_that_is_not_taken_either_needs_the_supplier"],
    "refresh answers invalid_grant": [
        f"{TOKENS}::test_a_dead_grant_needs_the_supplier_and_nothing_more_is_called",
        f"{REFRESH}::test_the_newer_token_of_another_process_is_used_after_a_refusal",
        f"{AGAIN}::test_what_was_disconnected_in_quickbooks_is_seen_told_once_and_healed_in_two_clicks",
    ],
    "refresh answers 500 or nothing": [
        f"{TOKENS}::test_trouble_at_the_token_endpoint_is_waited_for",
        f"{REFRESH}::test_a_token_endpoint_that_says_nothing_in_time_is_passing",
        f"{AGAIN}::test_a_token_endpoint_in_trouble_is_no_lost_access",
    ],
    "twenty threads refresh at once": [f"{REFRESH}::test_twenty_threads_with_one_spent_token_make_one_token_call"],
    "crash after the token call, before the save": [
        f"{REFRESH}::test_a_crash_between_the_answer_and_the_save_heals_with_the_old_token"
    ],
    "refresh token near its end": [
        "integration/quickbooks_app/connections/test_expiry.py::test_the_owners_are_told_fourteen_days_before_either_end",
        "integration/quickbooks_app/connections/test_expiry.py::test_at_the_end_the_connection_needs_attention_without_a_call",
    ],
    "403 or 3100, disconnected in QuickBooks": [
        f"{TOKENS}::test_a_right_that_is_gone_needs_the_supplier",
        f"{TOKENS}::test_a_403_that_stays_for_minutes_needs_the_supplier",
        f"{AGAIN}::test_what_was_disconnected_in_quickbooks_is_seen_told_once_and_healed_in_two_clicks",
    ],
    "a single 403": [
        f"{TOKENS}::test_one_403_is_asked_again_and_erases_nothing",
        f"{SPOILED}::test_one_single_403_erases_no_token",
        f"{SUSPECTED}::test_one_single_403_in_a_batch_of_webhooks_erases_no_token",
    ],
    "one object that spoils every answer (4002 as 400 or 500)": [
        f"{SPOILED}::test_a_full_import_takes_all_others_and_names_it",
        f"{SPOILED}::test_a_change_beside_it_arrives_and_it_is_asked_for_again",
        f"{SPOILED}::test_a_batch_of_webhooks_takes_all_others",
    ],
    "one object that causes an internal error (10000 or 500)": [
        f"{SUSPECTED}::test_a_full_import_takes_all_others_and_names_it",
        f"{SUSPECTED}::test_a_changed_one_is_named_also_where_quickbooks_lists_its_id",
        f"{SUSPECTED}::test_webhooks_beside_it_are_followed_within_minutes_and_it_is_named",
        f"{SUSPECTED}::test_an_outage_names_nothing",
    ],
    "a refused object among the ids of many other transactions": [
        f"{SPOILED}::test_it_is_named_among_the_ids_of_many_other_transactions",
        f"{SPOILED}::test_where_its_id_cannot_be_found_the_import_goes_on_and_says_when_it_was_created",
    ],
    "a fault in one slot of an answer": [f"{SPOILED}::test_a_fault_in_one_slot_of_the_changes_loses_nothing"],
    "an outage as 400 with code 500 or 10000": [
        f"{SPOILED}::test_an_outage_answered_as_400_is_waited_for",
        f"{SPOILED}::test_an_outage_as_400_that_never_passes_ends_after_two_hours_and_a_first_import_is_tried_again_soon",
    ],
    "429 with Retry-After 7": [
        f"{HTTP}::test_being_asked_to_wait_seven_seconds_no_call_is_made_before",
        "integration/quickbooks_app/api/test_rate_limiter.py::TestAskedToWait::test_all_calls_to_the_company_wait_and_those_to_others_do_not",
    ],
    "429 without Retry-After, XML body": [
        OVER_HTTP,
        "integration/quickbooks_app/api/test_rate_limiter.py::TestAskedToWait::test_the_wish_comes_from_the_answer",
    ],
    "500, 502, 503, 504 three times, then well": [PASSING, OVER_HTTP],
    "503 for an hour": [
        f"{HTTP}::test_an_hour_of_503_parks_the_run_and_says_since_when",
        "integration/quickbooks_app/api/test_circuit_breaker.py::TestRuns::"
        "test_an_hour_without_an_answer_parks_the_run_and_it_goes_on_where_it_was",
        "functional/quickbooks_app/monitoring/test_connection_health.py::test_a_pause_after_failures_is_told_with_its_end",
    ],
    "connect timeout, read timeout, stall": [
        f"{HTTP}::test_a_stall_is_cut_short_and_asked_again",
        f"{TROUBLE}::test_a_silent_server_is_passing_trouble",
        f"{TROUBLE}::test_nobody_at_the_address_is_passing_trouble",
    ],
    "connection reset in mid body, body shorter than announced": [PASSING],
    "HTML instead of JSON with status 200": [
        OVER_HTTP,
        f"{TROUBLE}::test_a_maintenance_page_is_never_taken_for_empty_books",
    ],
    "200 with a Fault inside": [PASSING],
    "the same page twice, overlapping pages": [
        f"{PAGES}::test_a_server_that_repeats_its_page_ends_with_an_error",
        f"{PAGES}::test_the_row_at_the_border_is_not_given_twice",
        "simulation/test_seeds.py::test_the_books_end_in_step_whatever_happens_on_the_way",
    ],
    "rows inserted, changed or deleted between pages": [
        f"{PAGES}::test_edits_during_a_scan_of_changes_lose_nothing",
        f"{PAGES}::test_deletions_during_a_full_scan_lose_none_of_the_others",
        "simulation/test_seeds.py::test_the_books_end_in_step_whatever_happens_on_the_way",
    ],
    "document number missing, doubled or long": [
        "unit/quickbooks_app/mapping/test_invoices.py::test_an_invoice_with_nothing_but_an_id_is_an_invoice",
        "unit/quickbooks_app/mapping/test_irregular_invoices.py::test_a_text_that_is_too_long_is_cut_and_reported",
        f"{HTTP}::test_a_passing_fault_costs_time_and_the_books_end_in_step",
    ],
    "amount null, missing, text, negative, out of bounds": [
        f"{SYNCED}::test_an_amount_that_cannot_be_read_keeps_the_invoice_and_harms_no_other",
        "unit/quickbooks_app/api/test_field_parsing.py::test_what_is_no_amount_is_none_with_an_issue_and_never_zero",
    ],
    "1e400, NaN, Infinity, 5000 digits": [
        "unit/quickbooks_app/api/test_query_response.py::test_mending_makes_text_of_a_number_beyond_all_measure",
        "integration/quickbooks_app/models/test_constraints.py::test_an_invoice_holds_no_amount_that_is_no_number",
    ],
    "10 MB invoice, 200 MB body": [
        f"{SYNCED}::test_an_invoice_of_ten_megabytes_is_kept_whole",
        f"{TROUBLE}::test_an_answer_beyond_all_measure_is_not_taken_into_memory",
    ],
    "right-to-left override, emoji, combining, zero width": [f"{SYNCED}::test_text_of_every_script_is_stored_as_it_is"],
    "NUL": [f"{SYNCED}::test_text_that_postgresql_cannot_hold_is_replaced_wherever_it_stands"],
    "voided invoice": [f"{DRAIN}::test_a_void_a_delete_and_a_payment_are_followed", LEFT],
    "deleted invoice": [
        f"{DRAIN}::test_a_void_a_delete_and_a_payment_are_followed",
        "browser/infactor/test_devserver.py::test_edit_pay_void_and_delete_reach_an_open_list_by_themselves",
        LEFT,
    ],
    "paid or partly paid after a request for financing": [
        LEFT,
        f"{FINANCED}::test_a_request_for_it_is_dropped_its_owners_are_told_and_the_rules_are_asked_again",
        f"{FINANCED}::test_an_offer_for_it_is_withdrawn_and_an_acceptance_is_cancelled_before_any_money_leaves",
    ],
    "the books change while an offer is accepted or an advance paid out": [
        "resilience/infactor/financing/test_concurrent_actions.py::test_the_books_are_imported_while_their_invoices_are_accepted_and_funded",
        "resilience/infactor/financing/test_concurrent_actions.py::test_a_buyer_is_renamed_in_the_books_while_its_invoice_is_accepted",
    ],
    "crash in the middle of an action on money": [
        "resilience/infactor/financing/test_crashes.py::test_a_crash_at_any_point_leaves_nothing_of_an_action"
    ],
    "the same realm connected twice by one supplier": [
        f"{CONSENT}::test_connecting_again_heals_the_connection_that_was"
    ],
    "two suppliers connect the same realm": [
        f"{CONSENT}::test_a_company_that_another_supplier_holds_is_refused_in_neutral_words",
        "integration/quickbooks_app/models/test_constraints.py::test_a_realm_is_held_once_even_by_a_connection_that_was_ended",
    ],
    "reconnect with another realm": [
        f"{AGAIN}::test_another_company_is_asked_about_and_nothing_is_connected_meanwhile"
    ],
    "consent denied, popup closed, callback twice": [
        f"{CONSENT}::test_consent_that_was_denied_connects_nothing",
        "functional/quickbooks_app/connections/test_closed_window.py::test_a_closed_window_is_named_and_one_can_try_again",
        f"{CONSENT}::test_a_second_callback_with_the_same_code_asks_intuit_nothing",
    ],
    "worker killed at any point of a run": [
        f"{KILLED}::test_a_run_and_one_of_many_changes_survive_killed_workers_and_two_beats",
        f"{CUT}::test_a_crash_while_a_page_is_written_repeats_that_page_only",
        "simulation/test_seeds.py::test_the_books_end_in_step_whatever_happens_on_the_way",
    ],
    "a worker killed in a run of changes of real size, two beats": [
        f"{KILLED}::test_a_run_and_one_of_many_changes_survive_killed_workers_and_two_beats"
    ],
    "a grant revoked in mid-run": [
        f"{KILLED}::test_a_grant_that_ends_in_mid_run_is_told_once_and_the_next_grant_completes_the_books",
        "simulation/test_seeds.py::test_the_books_end_in_step_whatever_happens_on_the_way",
    ],
    "a clock that jumps, a truncated answer": [
        "simulation/test_seeds.py::test_the_books_end_in_step_whatever_happens_on_the_way"
    ],
    "two transactions that lock rows in opposite orders": [
        "resilience/quickbooks_app/connections/test_lock_order.py::test_disconnecting_while_a_run_ends",
        "resilience/quickbooks_app/connections/test_lock_order.py::"
        "test_no_two_transactions_lock_rows_in_opposite_orders",
    ],
    "mail server away": [
        "functional/infactor/users/test_account_mails.py::"
        "test_an_account_opens_while_the_mail_server_is_away_and_its_mail_arrives_later",
        "functional/infactor/users/test_account_mails.py::"
        "test_a_reset_answers_everybody_equally_while_the_mail_server_is_away",
    ],
    "PostgreSQL frozen": [
        "integration/infactor/core/test_database_patience.py::test_a_frozen_database_is_given_up",
    ],
    "a process of make run dies": [
        "resilience/infactor/test_devserver.py::test_killed_processes_start_again_and_take_no_other_down",
        "resilience/infactor/test_devserver.py::test_a_killed_postgresql_is_started_again",
    ],
    "what kills its worker every time": [f"{CUT}::test_a_run_whose_worker_always_dies_ends"],
    "Redis away, Redis forgets everything": [
        f"{KILLED}::test_a_run_survives_a_killed_worker_a_redis_that_forgets_ended_database_sessions_and_a_deploy",
        "resilience/quickbooks_app/test_broker_failure.py::test_the_web_goes_on_and_beat_rings_later",
        "integration/infactor/core/test_broker.py::test_notifications_give_up_soon_and_then_pause",
        "integration/infactor/test_redis_broker.py::"
        "test_a_task_that_ends_after_its_connection_was_given_up_does_not_end_the_worker",
    ],
    "PostgreSQL ends its sessions in mid transaction": [
        f"{KILLED}::test_a_run_survives_a_killed_worker_a_redis_that_forgets_ended_database_sessions_and_a_deploy",
        f"{CUT}::test_a_crash_while_a_page_is_written_repeats_that_page_only",
    ],
    "webhook forged, unsigned, changed by a byte": [
        f"{HOOKS}::test_what_intuit_did_not_sign_is_refused_and_not_kept",
        f"{HOOKS}::test_a_body_changed_by_one_byte_is_refused",
    ],
    "webhook a hundred times": [f"{HOOKS}::test_the_same_event_a_hundred_times_is_one_row"],
    "webhooks out of order": [
        f"{DRAIN}::test_a_delete_that_comes_before_its_create_ends_as_deleted",
        f"{DRAIN}::test_an_old_update_that_comes_after_a_new_one_changes_nothing",
    ],
    "a burst of webhooks": [
        "benchmarks/test_webhooks_smoke.py::test_a_small_burst_is_answered_and_followed_in_fewer_reads_than_events"
    ],
    "webhook for an unknown realm, old and new envelope, several realms": [
        f"{HOOKS}::test_events_of_a_company_that_cannot_be_read_are_ignored",
        f"{HOOKS}::test_one_body_about_several_companies_reaches_each",
    ],
    "deploy during an import": [
        f"{KILLED}::test_a_run_survives_a_killed_worker_a_redis_that_forgets_ended_database_sessions_and_a_deploy"
    ],
    "429 for one company while others are well": [
        "integration/quickbooks_app/sync/test_run_worker.py::test_two_companies_are_read_without_waiting_for_each_other",
        "resilience/quickbooks_app/sync/test_fairness.py::test_companies_that_answer_slowly_do_not_keep_the_others_waiting_for_their_end",
    ],
    "nothing of the books in logs, calls or errors": [
        "integration/quickbooks_app/sync/test_run_worker_secrets.py::TestSecrets::test_nothing_of_the_books_and_no_token_gets_out"
    ],
}


@cache
def parsed(path: str) -> ast.Module:
    return ast.parse((ROOT / "tests" / path).read_text())


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_of_the_table_has_tests_that_exist(fault: str) -> None:
    assert FAULTS[fault]
    for name in FAULTS[fault]:
        path, *way = name.split("::")
        body = parsed(path).body
        for part in way:
            found = [one for one in body if isinstance(one, ast.ClassDef | ast.FunctionDef) and one.name == part]
            assert len(found) == 1, f"{name} does not exist"
            body = found[0].body
