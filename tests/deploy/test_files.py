"""What the site is deployed with says what it must, and agrees with itself."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "Dockerfile"
COMPOSE = ROOT / "compose.yaml"
TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
UNITS = ROOT / "deploy" / "systemd"
OPERATIONS = ROOT / "docs" / "operations.md"
EXACT = re.compile(r"[a-z]+:\d+\.\d+(\.\d+)?(-[a-z-]+)?(@sha256:[0-9a-f]{64})?")


def instructions():
    """Each instruction of the Dockerfile with its arguments, lines joined and comments left out."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line]


def arguments(name):
    return [rest for word, rest in instructions() if word == name]


def services():
    """Name -> the text of a service of compose.yaml, with what it takes from the parts above."""
    text = COMPOSE.read_text()
    parts = dict(re.findall(r"^x-[a-z-]+: &([a-z-]+)\n((?:  .*\n)+)", text, flags=re.MULTILINE))
    section = re.search(r"^services:\n(.*?)^networks:", text, flags=re.MULTILINE | re.DOTALL)[1]
    found = dict(re.findall(r"^  ([a-z]+):\n((?:    .*\n)+)", section, flags=re.MULTILINE))
    for _ in range(2):
        found = {
            name: re.sub(r"<<: \*([a-z-]+)", lambda merged: parts[merged[1]], said) for name, said in found.items()
        }
    return found


def names_in(path):
    return set(re.findall(r"^([A-Z_]+)=", path.read_text(), flags=re.MULTILINE))


def test_the_image_is_made_from_exact_versions_and_leaves_the_tools_behind():
    images = [image.split()[0] for image in arguments("FROM")]
    assert EXACT.fullmatch(images[0])
    assert images[1:] == ["base", "base"]
    assert not arguments("ADD")
    for command in arguments("RUN"):
        assert "apt-get install" not in command or command.count("rm -rf /var/lib/apt/lists/*") == 1
        assert "sudo" not in shlex.split(command)
        assert "pip" not in command or "--without-pip" in command or "--require-hashes" in command


def test_the_container_runs_as_nobody_in_particular_and_without_a_shell():
    last_stage = instructions()[max(n for n, (word, _) in enumerate(instructions()) if word == "FROM") :]
    assert dict(last_stage)["USER"] == "10001:10001"
    words = [word for word, _ in last_stage]
    assert "COPY" not in words[words.index("USER") :]
    assert not any("--chown" in rest for word, rest in last_stage if word == "COPY")
    assert dict(last_stage)["CMD"] == '["gunicorn"]'
    assert "/healthz" in dict(last_stage)["HEALTHCHECK"]
    assert dict(last_stage)["STOPSIGNAL"] == "SIGTERM"


def test_the_check_of_health_is_a_program_that_python_can_read():
    [check] = arguments("HEALTHCHECK")
    _, _, code = re.fullmatch(r'.*CMD \["(.*?)", "(.*?)", "(.*)"\]', check).groups()
    compile(code.replace('\\"', '"'), "HEALTHCHECK", "exec")


def test_only_what_the_site_runs_on_goes_into_the_image():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept = [line[1:] for line in ignored if line.startswith("!")]
    assert "*" in ignored
    assert all((ROOT / name).exists() for name in kept)
    assert not {"tests", ".env", "secrets", ".git", "docs", "var"} & set(kept)


@pytest.mark.parametrize("name", ["db", "redis", "migrate", "web", "nginx"])
def test_each_container_can_do_little_and_is_watched(name):
    said = services()[name]
    for bound in ["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "max-size", "restart: "]:
        assert bound in said
    if name not in ("migrate", "web"):  # whose image says how
        assert "healthcheck:\n      test: [CMD, " in said
        assert EXACT.fullmatch(re.search(r"image: (\S+)", said)[1])


def test_only_nginx_is_reached_from_outside_and_the_database_is_not_reached_from_nginx():
    said = services()
    assert [name for name, text in said.items() if "ports:" in text] == ["nginx"]
    networks = {name: re.search(r"networks: \[(.*)\]", text)[1] for name, text in said.items()}
    assert networks == {"db": "back", "redis": "back", "migrate": "front, back", "web": "front, back", "nginx": "front"}
    assert "  back:\n    internal: true\n" in COMPOSE.read_text()


def test_tables_are_brought_up_to_date_before_the_site_starts():
    assert "migrate: {condition: service_completed_successfully}" in services()["web"]
    assert "web: {condition: service_healthy, restart: true}" in services()["nginx"]


def test_no_secret_stands_in_the_files_and_each_has_a_file_that_the_manual_makes():
    text = COMPOSE.read_text()
    for path in re.findall(r"file: \./(\S+?)\}", text):
        assert path in OPERATIONS.read_text()
    assert not re.search(r"(PASSWORD|SECRET_KEY|DATABASE_URL): ", text)
    assert "\nSECRET_KEY=\n" in (ROOT / "deploy" / "environment.example").read_text()
    ignored = (ROOT / ".gitignore").read_text()
    assert "/.env\n" in ignored
    assert "/secrets/\n" in ignored


def test_what_compose_asks_of_the_environment_is_in_the_example_and_nothing_else():
    asked = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text()))
    assert asked == names_in(ROOT / ".env.example")


def test_what_is_set_for_nginx_is_what_its_configuration_leaves_open():
    left_open = set(re.findall(r"\$\{([A-Z_]+)\}", TEMPLATE.read_text()))
    given = set(re.findall(r"^      ([A-Z_]+): ", services()["nginx"], flags=re.MULTILINE))
    [command] = re.findall(r"envsubst '(.*?)'", OPERATIONS.read_text())
    assert given == left_open == {name.lstrip("$") for name in command.split()}


@pytest.mark.skipif(
    not shutil.which("systemd-analyze") and "CI" not in os.environ, reason="systemd-analyze is not installed"
)
def test_systemd_understands_the_units(tmp_path):
    home = Path(sys.executable).parent
    for path in UNITS.rglob("*.*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(UNITS)
            copy.parent.mkdir(exist_ok=True)
            copy.write_text(path.read_text().replace("/opt/joined-up/current/.venv/bin", str(home)))
    units = sorted(path for path in tmp_path.iterdir() if path.is_file())
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
    )
    assert [line for line in checked.stderr.splitlines() if "joined-up" in line] == []
    assert checked.returncode == 0


def test_every_unit_that_runs_has_the_common_limits():
    common = (UNITS / "joined-up-.service.d" / "common.conf").read_text()
    for limit in ["User=joinedup", "ProtectSystem=strict", "NoNewPrivileges=true", "SystemCallFilter=@system-service"]:
        assert f"\n{limit}\n" in common
    assert all(path.name.startswith("joined-up-") for path in UNITS.glob("*.*"))
    for timer in UNITS.glob("*.timer"):
        assert timer.with_suffix(".service").exists()
