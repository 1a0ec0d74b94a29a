"""``make mutants``: breaks the rules' own code, and writes what the tests saw of it to docs/policies/mutation.md."""

import sys
from pathlib import Path

from tests.mutation import code

SESSIONS = code.ROOT / ".mutants"


def main(arguments: list[str]) -> int:
    SESSIONS.mkdir(exist_ok=True)
    for module in arguments or code.modules():
        session = SESSIONS / f"{module.replace('/', '.')}.sqlite"
        code.run(session, module, lambda text: print(text, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
