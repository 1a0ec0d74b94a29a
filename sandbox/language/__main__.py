"""`python -m sandbox.language [--logtostderr] [-v=N] [--tracing URL] <engine address>`, as the engine starts it."""

import argparse

from sandbox.language.host import serve

parser = argparse.ArgumentParser(prog="pulumi-language-python")
parser.add_argument("engine", help="address of the engine's gRPC server")
# The engine passes its own logging and tracing options on to every plugin; the official host takes a few more.
arguments, _ = parser.parse_known_args()
serve(arguments.engine)
