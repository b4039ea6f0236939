"""Type errors of Python (mypy) and of JavaScript (tsc), which may only become fewer.

`types.json` holds how many each folder may have; a folder that it does not name may have none.
`python .ci/check_types.py` checks both, `mypy` or `tsc` behind it one; `--lower` writes the counts
of today where they are smaller.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ALLOWED = Path(__file__).with_name("types.json")
COMMANDS = {
    "mypy": [sys.executable, "-m", "mypy", "--no-error-summary", "--no-pretty"],
    "tsc": ["node", "node_modules/typescript/bin/tsc", "-p", "tsconfig.json", "--pretty", "false"],
}
ERROR = {
    "mypy": re.compile(r"(?P<file>[^:\s]+):\d+: error: .*"),
    "tsc": re.compile(r"(?P<file>[^(\s]+)\(\d+,\d+\): error TS\d+: .*"),
}


def missing(checker: str) -> str | None:
    """Why a checker cannot run here; None if it can."""
    if checker == "tsc" and not shutil.which("node"):
        return "no Node.js on this machine"
    if checker == "tsc" and not (ROOT / "node_modules" / "typescript").is_dir():
        return "no type checker for JavaScript: `npm ci` installs it"
    return None


def errors(checker: str) -> dict[str, list[str]]:
    """What a checker finds, by folder."""
    done = subprocess.run(COMMANDS[checker], cwd=ROOT, capture_output=True, text=True, check=False)
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if match := ERROR[checker].fullmatch(line):
            found.setdefault(Path(match["file"]).parent.as_posix(), []).append(line)
    if done.returncode and not found:
        raise RuntimeError(f"{checker} could not check: {done.stdout}{done.stderr}")
    return found


def allowed(checker: str) -> dict[str, int]:
    """How many errors each folder may have."""
    return json.loads(ALLOWED.read_text("utf-8"))[checker]


def more_than_allowed(checker: str, found: dict[str, list[str]]) -> list[str]:
    """The folders with more errors than they may have, with all of theirs; empty if none has."""
    lines = []
    for folder, own in sorted(found.items()):
        limit = allowed(checker).get(folder, 0)
        if len(own) > limit:
            lines += [f"{folder}: {len(own)} type errors, {limit} allowed", *own]
    return lines


def lower(checker: str, found: dict[str, list[str]]) -> None:
    """Write today's counts where they are smaller than those allowed."""
    limits = {
        folder: min(len(found.get(folder, [])), limit) for folder, limit in allowed(checker).items()
    }
    whole = json.loads(ALLOWED.read_text("utf-8"))
    whole[checker] = {folder: count for folder, count in sorted(limits.items()) if count}
    ALLOWED.write_text(json.dumps(whole, indent=2) + "\n", "utf-8")


def main(arguments: list[str]) -> int:
    """Check what the arguments name; 1 if a folder has too many errors, 2 without the checker."""
    failed = 0
    for checker in [name for name in arguments if name in COMMANDS] or COMMANDS:
        if reason := missing(checker):
            print(reason)
            return 2
        found = errors(checker)
        if lines := more_than_allowed(checker, found):
            print("\n".join(lines))
            failed = 1
        if "--lower" in arguments:
            lower(checker, found)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
