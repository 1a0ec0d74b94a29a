"""The program: the only room that knows stacks, regions by name, settings and secrets."""

import gc

# The SDKs make millions of objects while they are imported and throw none away; looking for garbage among them is a
# tenth of the program's time. Measured by `make bench`.
gc.set_threshold(100_000, 50, 100)
