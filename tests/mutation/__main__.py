"""``make mutants``: breaks the rules' own code and the real graphs, and writes what was seen of it to docs/mutation.

usage:
  python -m tests.mutation matrix             write docs/mutation/kill-matrix.md (half a minute; all anew, without
                                              spots.csv, five)
  python -m tests.mutation stacks [GRAPH…]    break the graphs of both stacks and of the examples (many minutes)
  python -m tests.mutation code [MODULE…]     break the rules' own code (hours; goes on where it ended)
  python -m tests.mutation report             write docs/mutation/code.md from what has been tried
"""

import subprocess
import sys

from tests.mutation.paths import PAGES, SESSIONS, STACKS


def main(arguments: list[str]) -> int:
    command, *rest = arguments or [""]
    if command == "matrix":
        from tests.mutation.matrix import explained, kept_spots, page, write_spots

        write_spots(explained(lambda text: print(text, flush=True)))
        kept_spots.cache_clear()
        (PAGES / "kill-matrix.md").write_text(page())
        return 0
    if command == "stacks":
        from tests.mutation.real import page as of_stacks
        from tests.mutation.real import run

        STACKS.mkdir(exist_ok=True)
        for line in run(rest, STACKS):
            print(line, flush=True)
            (PAGES / "stacks.md").write_text(of_stacks(STACKS))
        return 0
    if command in ("code", "report"):
        from tests.mutation import code

        if command == "report":
            (PAGES / "code.md").write_text(code.report(SESSIONS))
            return 0
        SESSIONS.mkdir(exist_ok=True)
        if len(rest) == 1:
            code.run(SESSIONS, rest[0], lambda text: print(text, flush=True))
            return 0
        # Each in a process of its own: what one module's mutants need loaded, another's need afresh.
        each = [sys.executable, "-W", "ignore", "-m", "tests.mutation", "code"]
        return max([subprocess.call([*each, module]) for module in rest or code.modules()])
    sys.stderr.write(str(__doc__))
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
