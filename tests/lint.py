"""Checks of form, all of them run; with --fix, put right what a program can put right."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADMIN_TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("templates/admin/**/*.html"))
RUFF = [sys.executable, "-m", "ruff"]
DJADE = [str(Path(sys.executable).parent / "djade"), "--target-version=5.2"]

FIXES = [
    [*RUFF, "check", "--no-cache", "--quiet", "--fix", "."],
    [*RUFF, "format", "--no-cache", "."],
    [*DJADE, *ADMIN_TEMPLATES],
]
CHECKS = [
    [*RUFF, "check", "--no-cache", "."],
    [*RUFF, "format", "--no-cache", "--check", "."],
    [*DJADE, "--check", *ADMIN_TEMPLATES],
    [sys.executable, "-m", "mypy", f"--cache-dir={os.devnull}"],
    [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run", "--settings=tests.settings"],
]


def main(fix):
    if fix:
        # These report failure when they have put something right; what is left, the checks tell.
        for command in FIXES:
            subprocess.run(command, cwd=ROOT)
    failures = [command for command in CHECKS if subprocess.run(command, cwd=ROOT).returncode]
    for command in failures:
        print("failed:", " ".join(Path(word).name for word in command[:5]), "...")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main(fix="--fix" in sys.argv[1:]))
