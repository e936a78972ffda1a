"""The Dockerfile's steps without Docker: `make image`.

Its `COPY` and `RUN` lines are followed into a temporary folder; what they make runs as an
unprivileged user, with everything but the journal and /tmp read-only, and delivers events of a
simulator. Needs root, `unshare` and `setpriv`, and the package index.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path


ROOT = Path(__file__).parents[2]
NOBODY = "10001"
EVENTS = "300"
PYTHON = os.environ.get("IMAGE_PYTHON", "/usr/bin/python3")
"""One that every user may run: somebody's own, below /root, is none."""


def steps(dockerfile: str) -> list[tuple[str, str]]:
    """The instructions of the first stage, a line each."""
    stage = dockerfile.split("\nFROM ")[1].replace("\\\n", " ")
    return re.findall(r"^(COPY|RUN) (.*)$", stage, re.MULTILINE)


def build(folder: Path) -> Path:
    """Follow the first stage; gives the environment that it makes."""
    source, made = folder / "src", folder / "opt"
    source.mkdir()
    for kind, text in steps((ROOT / "deploy" / "Dockerfile").read_text()):
        print(f"{kind} {text}", flush=True)
        if kind == "COPY":
            *names, target = text.split()
            for name in names:
                copy(ROOT / name, source / target / name if target == "./" else source / target)
        else:
            command = text.replace("/opt/grantex-tui", str(made)).replace("python ", f"{PYTHON} ")
            subprocess.run(command, shell=True, cwd=source, check=True)
    return made


def copy(what: Path, where: Path) -> None:
    if what.is_dir():
        shutil.copytree(what, where, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(what, where)


def confined(folder: Path, *command: str | Path) -> list[str]:
    """*command* as nobody, in a mount namespace in which only the journal and /tmp can be written."""
    script = (
        "mount --make-rprivate / && mount -o bind,ro / /mnt && mount -t tmpfs tmp /mnt/tmp && "
        f"mkdir -p /mnt{folder} && mount --bind {folder} /mnt{folder} && "
        f"mount -o remount,bind,ro /mnt{folder} && "
        f"mount --bind {folder}/journal /mnt{folder}/journal && mount --rbind /proc /mnt/proc && "
        f"exec chroot /mnt setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups "
        '--no-new-privs --inh-caps=-all -- "$@"'
    )
    return ["unshare", "--mount", "sh", "-c", script, "sh", *map(str, command)]


def run(folder: Path, programs: Path) -> dict[str, object]:
    """Deliver events of a simulator as the image's user would; gives the summary."""
    journal = folder / "journal"
    journal.mkdir()
    os.chown(journal, int(NOBODY), int(NOBODY))
    simulator = subprocess.Popen(
        [programs / "grantex-sim", "serve", "--port", "0", "--json", "--rate", "100", "--events", EVENTS],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert simulator.stdout is not None
        place = json.loads(simulator.stdout.readline())
        watch = subprocess.Popen(
            confined(
                folder, programs / "grantex-tui", "watch", "--headless", "--json", "--events", EVENTS,
                "--journal", journal, "--url", place["url"], "--intake-url", place["url"],
            ),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={
                "PATH": f"{programs}:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONDONTWRITEBYTECODE": "1",
                "GRANTEX_API_KEY": place["grantexApiKey"], "DD_API_KEY": place["datadogApiKey"],
            },
        )  # fmt: skip
        time.sleep(2.0)
        health = subprocess.run(
            confined(folder, programs / "grantex-tui", "status", journal),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        print(f"healthcheck: exit {health.returncode}\n{health.stdout}{health.stderr}")
        out, err = watch.communicate(timeout=60)
        print(err)
        if watch.returncode or health.returncode:
            raise SystemExit("the image's user can't run it")
        summary: dict[str, object] = json.loads(out.splitlines()[-1])["summary"]
        return summary
    finally:
        simulator.terminate()
        simulator.wait()


def main() -> None:
    """Build, run, say."""
    if os.geteuid():
        raise SystemExit("make image needs root, to become another user in a namespace of its own")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        summary = run(folder, build(folder) / "bin")
    print(f"delivered {summary['delivered']} of {EVENTS} as user {NOBODY}, root read-only")
    if summary["delivered"] != int(EVENTS):
        raise SystemExit("not all were delivered")


if __name__ == "__main__":
    main()
