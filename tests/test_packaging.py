"""What is shipped beside the code: wheel, container, unit, change notes."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from bridge import __version__
from bridge.cli.out import ExitCode

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
VARIABLE = re.compile(r"\$\{([A-Z_]+)\}")


def test_the_wheel_has_every_file_of_the_package(tmp_path: Path) -> None:
    """Texts, templates, pictures and migrations are of no use in the repository alone."""
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        shipped = set(wheel.namelist())
    here = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "bridge").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert here - shipped == set()
    assert any(name.endswith("locales/fr.yml") for name in shipped)


def test_the_bridge_reads_the_logs_and_cannot_write_them() -> None:
    volumes = COMPOSE["services"]["bridge"]["volumes"]
    assert "./minecraft/logs:/minecraft/logs:ro" in volumes
    assert [v for v in volumes if not v.endswith(":ro")] == ["bridge-data:/data"]


def test_the_console_stays_inside_and_the_pages_on_this_machine() -> None:
    assert COMPOSE["services"]["minecraft"]["ports"] == ["25565:25565"]
    assert COMPOSE["services"]["bridge"]["ports"] == ["127.0.0.1:8080:8080"]


def test_both_containers_read_the_same_password_from_a_secret() -> None:
    minecraft, bridge = COMPOSE["services"]["minecraft"], COMPOSE["services"]["bridge"]
    assert minecraft["environment"]["RCON_PASSWORD_FILE"] == "/run/secrets/rcon-password"
    assert "rcon-password" in minecraft["secrets"]
    assert {"rcon-password", "discord-token"} == set(bridge["secrets"])
    written = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert not re.search(r"(?i)(password|token): *\S+", re.sub(r"#.*", "", written).replace("_FILE:", ""))


def test_the_settings_for_docker_name_only_variables_that_the_container_has() -> None:
    text = (ROOT / "configs" / "docker.yml").read_text(encoding="utf-8")
    used = set(VARIABLE.findall(re.sub(r"#.*", "", text)))
    assert used <= set(COMPOSE["services"]["bridge"]["environment"])
    assert "./configs/docker.yml:/etc/passerelle/bridge.yml:ro" in COMPOSE["services"]["bridge"]["volumes"]


def test_compose_accepts_the_file() -> None:
    """With the tool itself, where it is installed; it needs no engine for that."""
    for command, here in ((["docker", "compose"], ["version"]), (["docker-compose"], None)):
        if shutil.which(command[0]) is None:
            continue
        if (
            here is None
            or subprocess.run([*command, *here], capture_output=True, check=False).returncode == 0
        ):
            checked = subprocess.run(
                [*command, "-f", str(ROOT / "docker-compose.yml"), "config", "-q"],
                capture_output=True,
                check=False,
                text=True,
            )
            assert (checked.returncode, checked.stderr) == (0, "")
            return
    pytest.skip("no docker compose here; the tests above read the file")


def test_the_image_runs_as_somebody_without_rights_and_tells_its_health() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    last_stage = lines[max(index for index, line in enumerate(lines) if line.startswith("FROM")) :]
    words = [line.split(" ", 1)[0] for line in last_stage if re.match(r"[A-Z]+ ", line)]
    assert "USER passerelle" in last_stage
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "HEALTHCHECK" in words
    assert any("/healthz" in line for line in last_stage)


def test_what_the_image_is_built_from_is_not_ignored() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for name in " ".join(copied).split():
        assert (ROOT / name).exists()
        assert name in kept


@pytest.fixture(scope="module")
def unit() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys keep their capitals
    parser.read(ROOT / "configs" / "passerelle.service", encoding="utf-8")
    return parser["Service"]


def test_the_unit_reloads_by_signal_and_does_not_restart_on_wrong_settings(
    unit: configparser.SectionProxy,
) -> None:
    assert unit["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert unit["Restart"] == "on-failure"
    assert int(unit["RestartPreventExitStatus"]) == ExitCode.SETTINGS
    assert (unit["DynamicUser"], unit["StateDirectory"]) == ("yes", "passerelle")


def test_systemd_finds_the_unit_well_locked() -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("no systemd here")
    path = str(ROOT / "configs" / "passerelle.service")
    rated = subprocess.run(
        [tool, "security", "--offline=true", "--threshold=20", path],
        capture_output=True,
        check=False,
        text=True,
    )
    if "Unknown option" in rated.stderr or "unrecognized option" in rated.stderr:
        pytest.skip("this systemd is too old to rate a file")
    assert rated.returncode == 0, rated.stdout[-500:] + rated.stderr


def test_the_readme_has_the_command_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    if not readme:
        pytest.skip("the README is still to be written")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    found = re.search(r'grep -m 1 -E "(.+)" README\.md', script)
    assert found is not None
    assert re.search(found[1], readme, re.MULTILINE) is not None


def test_the_ci_script_is_a_script() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


def test_the_change_notes_know_this_version() -> None:
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_dependency_is_explained_with_its_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    rows = {row.split("|")[1].strip(): row for row in told.splitlines() if row.startswith("| ")}
    for dependency in project["dependencies"]:
        name, bound = re.match(r"([\w.-]+)(?:\[\w+\])?>=([\w.]+)", dependency).groups()  # type: ignore[union-attr]  # all have bounds
        assert name in rows, f"{name} is not in docs/dependencies.md"
        assert bound in rows[name], f"docs/dependencies.md does not say {name} {bound}"
    for dependency in project["optional-dependencies"]["test"]:
        name = dependency.split(">=")[0]
        assert name.removeprefix("types-") in told or name.startswith("types-"), name
    assert project["version"] == __version__
