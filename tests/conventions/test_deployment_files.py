"""Procfile, systemd units, Dockerfile and compose.yaml start the same processes with the same settings."""

import ast
import configparser
import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "docs" / "operations" / "files"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
PROCESSES = ("web", "worker", "beat")
# Each place binds, counts and logs as it needs to. All other arguments are the same everywhere.
OWN_OPTIONS = {"--bind", "--umask", "--workers", "--worker-tmp-dir", "--log-level"}
OWN_FLAGS = {"--preload"}  # a faster start of `make run`; a server reloads its code by SIGHUP, which this would prevent


def instructions(name: str) -> list[str]:
    """The arguments of each `name` instruction of the Dockerfile, with continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{name} (.+)$", joined, re.MULTILINE)


def unit(process: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(FILES / f"infactor-{process}.service")
    return parser["Service"]


def essential(command: list[str]) -> list[str]:
    """`command` with the bare program name, without the options that each file sets for itself."""
    kept = [Path(command[0]).name]
    rest = iter(command[1:])
    for argument in rest:
        if argument in OWN_OPTIONS:
            next(rest)
        elif argument not in OWN_FLAGS:
            kept.append(argument)
    return kept


def procfile() -> dict[str, list[str]]:
    lines = (line.split(":", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line.strip())
    return {name: shlex.split(command.removeprefix(" exec")) for name, command in lines}


def names_in(environment: str) -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", environment, re.MULTILINE))


def required_settings() -> set[str]:
    """The variables without which production refuses to start."""
    tree = ast.parse((ROOT / "infactor" / "settings" / "production.py").read_text())
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "require")
    return {argument.value for call in calls for argument in call.args if isinstance(argument, ast.Constant)}


@pytest.mark.parametrize("process", PROCESSES)
def test_every_place_starts_a_process_by_the_same_command(process: str) -> None:
    expected = essential(procfile()[process])
    assert essential(shlex.split(unit(process)["ExecStart"])) == expected
    assert essential(COMPOSE["services"][process]["command"]) == expected


def test_the_image_starts_the_web_process_by_default() -> None:
    assert json.loads(instructions("CMD")[-1]) == COMPOSE["services"]["web"]["command"]


@pytest.mark.parametrize("process", PROCESSES)
def test_a_unit_runs_as_the_system_user_and_stops_only_the_parent_process(process: str) -> None:
    service = unit(process)
    assert (service["User"], service["KillMode"]) == ("infactor", "mixed")
    assert service["ExecStart"].startswith(f"{service['WorkingDirectory']}/.venv/bin/")


def test_a_worker_has_the_same_time_to_stop_everywhere() -> None:
    assert COMPOSE["services"]["worker"]["stop_grace_period"] == f"{unit('worker')['TimeoutStopSec']}s"


def test_the_environment_template_names_every_required_setting_and_no_secret() -> None:
    template = (FILES / "infactor.env").read_text()
    assert required_settings() <= set(re.findall(r"^([A-Z_]+)=", template, re.MULTILINE))
    for secret in (
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "FINGERPRINT_KEY",
        "DATABASE_URL",
        "QUICKBOOKS_CLIENT_SECRET",
    ):
        assert re.search(rf"^{secret}=$", template, re.MULTILINE), f"{secret} has a value"


def test_every_setting_of_the_deployment_files_is_documented() -> None:
    documented = names_in((ROOT / "example.env").read_text())
    assert names_in((FILES / "infactor.env").read_text()) - documented == set()
    assert set(COMPOSE["services"]["web"]["environment"]) - documented == set()


@pytest.mark.parametrize("service", [*PROCESSES, "migrate"])
def test_compose_gives_each_service_every_required_setting(service: str) -> None:
    given = COMPOSE["services"][service]
    assert given["env_file"] == "infactor.env"
    assert required_settings() <= names_in((FILES / "infactor.env").read_text()) | set(given["environment"])
    assert given["environment"]["BEHIND_TLS_PROXY"] == "1"


def test_compose_starts_nothing_before_the_migration_has_succeeded() -> None:
    for process in PROCESSES:
        assert COMPOSE["services"][process]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_alerts_watch_metrics_that_exist() -> None:
    rules = yaml.safe_load((FILES / "alerts.yml").read_text())["groups"][0]["rules"]
    watched = {name for rule in rules for name in re.findall(r"infactor_(\w+)", rule["expr"])}
    source = "".join(
        file.read_text() for app in ("infactor", "quickbooks_app") for file in (ROOT / app).rglob("metrics.py")
    )
    assert watched
    assert {name for name in watched if f'"{name}"' not in source} == set()


def test_the_image_runs_without_root_and_installs_only_locked_packages() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", instructions("USER")[-1])
    installs = [line for line in re.sub(r"\\\n\s*", "", DOCKERFILE).split("&&") if " install " in line]
    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    allowed = {
        line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = {
        name.rstrip("/")
        for line in instructions("COPY")
        if not line.startswith("--from=")
        for name in line.split()[:-1]
    }
    assert copied == allowed
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_hooks_run_every_tool_that_make_check_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    entries = "\n".join(hook["entry"] for repo in hooks for hook in repo["hooks"])
    recipe = re.findall(r"^(?:lint|check):.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    tools = {tool for lines in recipe for tool in re.findall(r"\$\(BIN\)/([\w-]+)", lines)} - {"pre-commit"}
    assert tools
    assert {tool for tool in tools if f".venv/bin/{tool}" not in entries} == set()
    assert {repo["repo"] for repo in hooks} == {"local"}


def test_the_backup_script_is_valid_shell_and_executable() -> None:
    script = FILES / "backup.sh"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
