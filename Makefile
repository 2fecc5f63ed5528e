# infactor: `make run` starts everything, `make test` proves it. README.md says the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= auto
SPREAD := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# A dozen processes would each compile infactor anew on a machine that is told to keep no compiled code.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run manage code test test-quick test-changed coverage format lint check simulate-sync fuzz-eligibility \
	fuzz-financing \
	audit sbom licences bench bench-import bench-webhooks bench-ledger bench-eligibility bench-history bench-reports bench-desk bench-pages bench-statements bench-load measure-pages measure-lighthouse measure-alarms measure-numbers measure-first-run count-calls \
	drill-failures lock generate-key messages mapping-table object-table data-table duties-table pictures picture-pages restore-drill python

help:
	@echo "make run               start infactor on this machine (http://localhost:3000)"
	@echo "make manage do=\"…\"    run one manage.py command on the data of make run"
	@echo "make code              print the code that staff of the demo enter after their password"
	@echo "make generate-key      print a new encryption key"
	@echo "make restore-drill     dump the database, restore it into an empty one, and prove the copy"
	@echo
	@echo "make test              run all tests"
	@echo "make test-quick        run the tests of rules, services and their rows, without the slow ones"
	@echo "make test-changed      run the tests that your change can break"
	@echo "make coverage          run all tests and fail under the coverage gate"
	@echo "make format            format and fix what can be fixed"
	@echo "make lint              ruff, mypy, import-linter, templates, deployment files"
	@echo "make check             lint, plus migrations and the conventions"
	@echo "make audit             look for known vulnerabilities of the locked packages"
	@echo "make sbom              write the bill of materials (CycloneDX) to var/infactor.cdx.json"
	@echo "make licences          write the licences of all packages into the documentation"
	@echo "make simulate-sync     1,000 random histories of edits, writes, faults and crashes, each from a seed"
	@echo "make fuzz-financing    500 random sequences of financing actions"
	@echo "make fuzz-eligibility  500 random sequences of changes, each evaluated narrowly and in full"
	@echo
	@echo "make bench             all of the following benchmarks but bench-load, one after another"
	@echo "make bench-import      the import beside python-quickbooks: time, memory, API calls"
	@echo "make bench-webhooks    10,000 webhooks: rate, answer times, reads; or so many a second: args=\"--rate 2000\""
	@echo "make bench-ledger      postings a second, evenly and onto one account; the trial balance of 1,000,000 entries"
	@echo "make count-calls       API calls of each kind of sync"
	@echo "make measure-alarms    how many alarms about funded invoices are right, over random histories"
	@echo "make measure-numbers   how many pairs of invoice numbers are compared rightly"
	@echo "make measure-first-run from sign-up to the first import, beside make run: seconds, clicks, fields"
	@echo "make bench-eligibility assess 100,000 invoices: time and memory"
	@echo "make bench-history     keep 200,000 superseded versions: bytes and time"
	@echo "make bench-reports     every report over 100,000 purchased invoices: time and memory"
	@echo "make bench-desk        staff's pages with 100,000 purchased invoices: 95 of 100 answers, queries"
	@echo "make bench-pages       the invoice list beside a plain view of the same rows, other pages, CSV"
	@echo "make bench-statements  5,000 lines of a bank statement imported, proposed for, accepted: time and memory"
	@echo "make drill-failures    every part away, silent and back: what people see, and how long until all is whole"
	@echo "make bench-load        one supplier at their worst beside twenty others"
	@echo "make measure-pages     every page in a browser: axe, policy, weights, queries, times, layout shift"
	@echo "make measure-lighthouse Lighthouse on every public and supplier page, as desktop and as phone"
	@echo
	@echo "make messages          collect the texts of code and templates into the catalogues, and compile them"
	@echo "make mapping-table     write the mapping table into the documentation"
	@echo "make object-table      write the table of QuickBooks' objects into the documentation"
	@echo "make data-table        write the table of personal data into the documentation"
	@echo "make duties-table      write the table of staff's duties into the documentation"
	@echo "make pictures          take the pictures of the guide anew"
	@echo "make picture-pages     take every page as a picture, on a phone and a desk, into var/page-pictures"
	@echo "make lock              compile requirements*.txt from requirements*.in"

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "infactor needs Python 3.11 or later: '$(PYTHON)' was not found. Install it, or name yours: make PYTHON=/path/to/python3 run"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "infactor needs Python 3.11 or later; '$(PYTHON)' is older. Name a newer one: make PYTHON=python3.12 run"; exit 1; }

# uv installs the locked files in seconds. Where it cannot (a package index that only pip is told of), pip installs the same files.
define install
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) 2>/dev/null \
		|| { echo "  uv could not install $(1); trying pip, which takes longer."; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); }
endef

$(VENV)/.uv: requirements-bootstrap.txt | python
	@echo "[1/3] Making a virtual environment in $(VENV) and installing uv…"
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.txt \
		|| echo "  uv is not available here; pip will install the packages, which takes longer."
	@touch $@

$(VENV)/.run: requirements.txt $(VENV)/.uv
	@echo "[2/3] Installing infactor's packages (requirements.txt, once)…"
	$(call install,requirements.txt)
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "[3/3] Installing the packages for tests and checks (requirements-dev.txt, once)…"
	$(call install,requirements-dev.txt)
	@touch $@

run: $(VENV)/.run
	@exec $(BIN)/python -m infactor.devserver run

manage: $(VENV)/.run
	@exec $(BIN)/python -m infactor.devserver manage $(do)

code: $(VENV)/.run
	@$(BIN)/python -m infactor.devserver manage demo_code

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(SPREAD) $(args)

test-quick: $(VENV)/.dev
	$(BIN)/python -m pytest $(SPREAD) -q -m "not slow" tests/unit tests/integration $(args)

# What runs which code is recorded in .testmon; the first run, which records it, takes as long as all of these tests.
test-changed: $(VENV)/.dev
	@mkdir -p .testmon
	TESTMON_DATAFILE=.testmon/data $(BIN)/python -m pytest --testmon -q $(if $(wildcard .testmon/data),,-n $(WORKERS)) \
		tests/unit tests/integration tests/functional $(args) || [ $$? -eq 5 ] # 5: nothing that ran is affected

# Money, tokens, access and sync must be covered whole: every line, every branch.
WHOLE := infactor/core/money.py,infactor/suppliers/access.py,quickbooks_app/auth/*,quickbooks_app/sync/*

coverage: $(VENV)/.dev
	$(BIN)/python -m pytest $(SPREAD) --cov --cov-report=term-missing:skip-covered $(args)
	$(BIN)/coverage report --include="$(WHOLE)" --fail-under=100

simulate-sync: $(VENV)/.dev
	PYTHONHASHSEED=0 $(BIN)/python -m tests.simulation $(if $(seeds),--range $(seeds)) $(args)

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/hadolint Dockerfile
	$(BIN)/pre-commit validate-config

check: lint audit
	DJANGO_SETTINGS_MODULE=infactor.settings.test $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(BIN)/python -m pytest tests/conventions -q

audit: $(VENV)/.dev
	@$(BIN)/python .ci/audit $(BIN)/pip-audit -r requirements-dev.txt --disable-pip --require-hashes --timeout 5 -f json

# What production is made of, for whoever must know within the hour whether a bad release is in it.
sbom: $(VENV)/.dev
	@mkdir -p var
	$(BIN)/cyclonedx-py requirements requirements.txt --output-reproducible --of JSON -o var/infactor.cdx.json

licences: $(VENV)/.dev
	$(BIN)/python -m tests.support.licences >docs/security/licences.md

bench-import: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks $(args)

bench: bench-import bench-webhooks bench-ledger bench-eligibility bench-history bench-reports bench-desk bench-pages bench-statements

bench-webhooks: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.webhooks $(args)

fuzz-eligibility: $(VENV)/.dev
	CHANGE_SEEDS=$(or $(seeds),1:500) $(BIN)/python -m pytest -q tests/resilience/infactor/financing/eligibility/test_random_changes.py

fuzz-financing: $(VENV)/.dev
	FINANCED_SEEDS=$(or $(seeds),1:500) $(BIN)/python -m pytest -q -n $(WORKERS) tests/resilience/infactor/financing/test_random_sequences.py

bench-ledger: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.ledger $(args)

measure-alarms: $(VENV)/.dev
	ALARM_SEEDS=$(or $(seeds),1:200) $(BIN)/python -m pytest -q tests/resilience/infactor/financing/test_alarms.py

bench-eligibility: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.eligibility $(args)

count-calls: $(VENV)/.dev
	@$(BIN)/python -m tests.benchmarks.api_calls

measure-numbers: $(VENV)/.dev
	@$(BIN)/python -m tests.benchmarks.invoice_numbers

measure-first-run: $(VENV)/.dev
	@$(BIN)/python -m tests.benchmarks.first_run $(args)

bench-history: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.history $(args)

bench-reports: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.reports $(args)

bench-desk: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.desk $(args)

bench-pages: $(VENV)/.dev
	$(BIN)/python -W ignore -m tests.benchmarks.invoice_pages $(args)

bench-statements: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.statements $(args)

drill-failures: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.failures $(args)

bench-load: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.load $(args)

messages: $(VENV)/.dev
	@DJANGO_SETTINGS_MODULE=infactor.settings.test $(BIN)/python -W ignore -m tests.support.messages
measure-pages: $(VENV)/.dev
	$(BIN)/python -W ignore -m tests.benchmarks.pages $(args)

measure-lighthouse: $(VENV)/.dev
	PUPPETEER_SKIP_DOWNLOAD=1 npm ci --prefix tests/benchmarks/pages/node --ignore-scripts --no-audit --no-fund --silent
	$(BIN)/python -W ignore -m tests.benchmarks.pages.lighthouse $(args)

data-table: $(VENV)/.run
	@DJANGO_SETTINGS_MODULE=infactor.settings.test $(BIN)/python -W ignore manage.py data_table --write docs/security/data.md

duties-table: $(VENV)/.run
	@DJANGO_SETTINGS_MODULE=infactor.settings.test $(BIN)/python -W ignore manage.py duties_table --write docs/operations/duties.md

pictures: $(VENV)/.dev
	INFACTOR_PICTURES=1 INFACTOR_REQUIRE_BROWSER=1 $(BIN)/python -m pytest -q tests/browser/quickbooks_app/integrations tests/browser/infactor/test_devserver.py

picture-pages: $(VENV)/.dev
	$(BIN)/python -W ignore -m tests.benchmarks.pages.pictures $(args)

restore-drill: $(VENV)/.run
	@exec $(BIN)/python -m infactor.devserver manage restore_drill $(args)

mapping-table: $(VENV)/.run
	@DJANGO_SETTINGS_MODULE=infactor.settings.test $(BIN)/python manage.py mapping_table --write docs/domain/quickbooks.md

object-table: $(VENV)/.dev
	@DJANGO_SETTINGS_MODULE=infactor.settings.test $(BIN)/python -m tests.support.object_matrix >docs/domain/quickbooks-objects.md

lock: $(VENV)/.dev
	for name in requirements-bootstrap requirements requirements-dev; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-strip-extras --custom-compile-command "make lock" $$name.in -o $$name.txt; done

generate-key: $(VENV)/.run
	@$(BIN)/python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'
