"""Ask the PyPI advisory service about every installed package: fail for a vulnerability, pass where it is silent."""

import json
import subprocess
import sys

SECONDS = 120
"""For all of it."""


def main() -> int:
    """1 and a line for each known vulnerability; 0 where there is none or none can be known."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--local",
        "--skip-editable",
        "--format=json",
        "--timeout=10",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        packages = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return _skipped(f"no answer within {SECONDS} seconds")
    except (ValueError, KeyError):
        return _skipped((done.stderr.strip().splitlines() or ["no answer"])[-1])
    found = [(package, flaw) for package in packages for flaw in package.get("vulns", ())]
    for package, flaw in found:
        fixed = ", ".join(flaw["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']} has {flaw['id']}; fixed in {fixed}")
    known = sum("vulns" in package for package in packages)
    if not known:
        return _skipped(f"the service answers for none of {len(packages)} packages")
    print(f"pip-audit: {len(found)} known vulnerabilities in {known} of {len(packages)} packages")
    return 1 if found else 0


def _skipped(reason: str) -> int:
    print(f"pip-audit skipped, for its data cannot be reached: {reason[:300]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
