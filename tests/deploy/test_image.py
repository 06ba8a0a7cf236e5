"""The image: what its Dockerfile promises; and its steps, run one by one where no image can be pulled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.deploy.dockerfile import DOCKERFILE, ROOT, Stage, Step, copied, environment, stages
from tests.docs.desk import quick

BUILD, FINAL = stages()
HADOLINT = Path(sys.executable).with_name("hadolint")
OF_PIP = ("PIP_", "SSL_CERT", "REQUESTS_CA", "CURL_CA")
"""How pip of this machine reaches its registry; the image knows nothing of it."""
PYTHON = Path(sys.base_prefix)
STATE = "var/lib/rind"


def test_the_base_is_pinned_to_a_patch_release_in_both_stages() -> None:
    assert {BUILD.base, FINAL.base} == {"python:3.11.14-slim-bookworm"}


def test_the_image_runs_as_a_number_that_is_not_root_and_listens_as_the_parameters_say() -> None:
    user, group = FINAL.last("USER").text.split(":")
    assert int(user) > 1000 < int(group)
    assert FINAL.last("EXPOSE").text == "8700"
    assert "/healthz" in FINAL.last("HEALTHCHECK").text
    steps = [step.word for step in FINAL.steps]
    assert not {"RUN", "COPY"} & set(steps[steps.index("USER") :]), "what is done later would be done as nobody"


def test_the_builder_sees_the_packages_and_neither_results_nor_secrets() -> None:
    packages = {path.name for path in (ROOT / "rind").iterdir() if path.is_symlink()}
    assert packages <= set(copied())
    named = {part for step in (*BUILD.all("COPY"), *FINAL.all("COPY")) if "from" not in step.options
             for part in step.words[:-1]}  # fmt: skip
    assert {part for part in named - {"."} if part not in copied() and part.split("/")[0] not in copied()} == set()
    assert not {"data", "mlruns", ".git", "deploy", "tests"} & set(copied())


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint is not installed: pip install -e .[lint]")
def test_the_linter_of_dockerfiles_finds_nothing() -> None:
    done = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


class Box:
    """A throw-away root: this machine's files below, all changes in a folder of their own (overlayfs)."""

    def __init__(self, folder: Path) -> None:
        self.root, self.upper = folder / "root", folder / "upper"
        for place in (self.root, self.upper, folder / "work"):
            place.mkdir(parents=True)
        layers = f"lowerdir=/,upperdir={self.upper},workdir={folder / 'work'}"
        self._mounted: list[Path] = []
        self._mount("-t", "overlay", "-o", layers, "overlay", at=self.root)
        self._mount("-t", "proc", "proc", at=self.root / "proc")
        self._mount("--rbind", "/dev", at=self.root / "dev")
        self._mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", at=self.root / "tmp")
        self.seal(self.root / "root", PYTHON)

    def _mount(self, *options: str, at: Path) -> None:
        subprocess.run(["mount", *options, at], check=True)
        self._mounted.append(at)

    @staticmethod
    def seal(home: Path, python: Path) -> None:
        """Let nobody's account read the Python of this machine where it lies in root's home."""
        if python.is_relative_to("/root"):
            home.chmod(0o755)

    def make_read_only(self) -> None:
        """Nothing may be written any more but below /tmp and the volume."""
        volume = self.root / STATE
        self._mount("-t", "tmpfs", "-o", "mode=0700,uid=10001,gid=10001", "tmpfs", at=volume)
        subprocess.run(["mount", "-o", "remount,ro", self.root], check=True)

    def call(self, command: list[str], user: str, cwd: str, environment: dict[str, str]) -> str:
        """Run a command inside, with this environment alone; give what it printed."""
        done = subprocess.run(self._command(command, user, cwd), env=environment, capture_output=True, text=True,
                              check=False)  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout + done.stderr

    def start(self, command: list[str], user: str, cwd: str, environment: dict[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(self._command(command, user, cwd), env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip

    def _command(self, command: list[str], user: str, cwd: str) -> list[str]:
        number, _, group = user.partition(":")
        less = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"] if number != "0" else []
        become = ["setpriv", f"--reuid={number}", f"--regid={group or number}", "--clear-groups", *less]
        return ["chroot", str(self.root), *become, "env", f"--chdir={cwd}", *command]

    def close(self) -> None:
        for place in reversed(self._mounted):
            subprocess.run(["umount", "--lazy", place], check=False)


def run_step(box: Box, step: Step, cwd: str, variables: dict[str, str], context: Path) -> str:
    """Do what one instruction says; give the working folder after it."""
    if step.word == "WORKDIR":
        (box.root / step.text.lstrip("/")).mkdir(parents=True, exist_ok=True)
        return step.text
    if step.word == "RUN":
        box.call(["sh", "-c", step.text], "0", cwd, variables)
    elif step.word == "ENV":
        variables |= {k: v.replace("$PATH", variables["PATH"]) for k, v in environment(Stage("", "", [step])).items()}
    elif step.word == "COPY" and "from" not in step.options:
        *sources, target = step.words
        place = box.root / os.path.join(cwd, target).lstrip("/")
        for source in sources:
            copy(context, source, place, target)
            if "chmod" in step.options:
                place.chmod(int(step.options["chmod"], 8))
    return cwd


def copy(context: Path, source: str, place: Path, target: str) -> None:
    """Copy a file, or the whole context, as the builder does: links stay links."""
    if source == ".":
        shutil.copytree(context, place, symlinks=True, dirs_exist_ok=True)
    else:
        place = place / Path(source).name if target.endswith("/") else place
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(context / source, place)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the builder would be sent: the files of the checkout that .dockerignore lets through."""
    folder = tmp_path_factory.mktemp("context")
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *copied()], cwd=ROOT,
                            check=True, capture_output=True, text=True).stdout.splitlines()  # fmt: skip
    for name in listed:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, context: Path) -> Iterator[tuple[Box, dict[str, str]]]:
    """Both stages done in one throw-away root, then read-only; and the environment of its processes."""
    if os.getuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("mounts want root, and setpriv")
    try:
        box = Box(tmp_path_factory.mktemp("box"))
    except subprocess.CalledProcessError:
        pytest.skip("this machine cannot mount an overlay")
    try:
        path = f"{PYTHON / 'bin'}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        pip = {key: value for key, value in os.environ.items() if key.startswith(OF_PIP)}
        variables = {"PATH": path, "HOME": "/root", **pip}
        for stage in (BUILD, FINAL):
            cwd = "/"
            for step in stage.steps:
                cwd = run_step(box, step, cwd, variables, context)
        box.make_read_only()
        yield box, {key: value for key, value in variables.items() if key not in pip}
    finally:
        box.close()


@pytest.mark.bench
def test_the_steps_make_a_rind_that_needs_no_root_no_home_and_no_disk_but_its_volume(
    image: tuple[Box, dict[str, str]],
) -> None:
    box, variables = image
    nobody, state = FINAL.last("USER").text, f"/{STATE}"

    def call(*command: str, **more: str) -> str:
        return box.call(list(command), nobody, state, variables | more)

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert call("rind", "--version") == f"rind {version}\n"
    assert call("sh", "-c", "touch /opt/rind/x /etc/x /x 2>&1 || id -u; id -g").split()[-2:] == ["10001", "10001"]
    call("rind", "demo", "--out", "company", "--accounts", "120", "--years", "2", "--scenario", "monthly")
    call("sh", "-c", "cat > company.yaml <<'END'\n" + parameters() + "END")
    printed = call("rind-week", RIND_SOURCE=f"{state}/company/source", RIND_PARAMS=f"{state}/company.yaml")
    assert "riskiest accounts" in printed
    assert "--notify will mail nobody" in printed

    command = [w.replace("/etc/rind", state) for w in FINAL.last("CMD").words]
    server = box.start(command, nobody, state, variables)
    try:
        check = FINAL.last("HEALTHCHECK").text.partition("CMD ")[2]
        probe = Step("CMD", {}, check).words
        wait_for(lambda: call(*probe))
        key = call("rind", "keys", "create", "probe", "--scope", "metrics", "--dir", "results").split()[-1]
        assert "ready: the week of" in call("rind", "ready", RIND_PROBE_KEY=key)
    finally:
        server.terminate()
        server.communicate(timeout=60)
        assert server.returncode == 143


def parameters() -> str:
    """A quick run as a file of parameters."""
    return yaml.safe_dump(quick())


def wait_for(probe: Callable[[], object], seconds: float = 180.0) -> None:
    """Call until it raises no more."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            probe()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return
