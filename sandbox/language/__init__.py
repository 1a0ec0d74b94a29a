"""The Python language host the engine asks to run programs and policy packs, used when the official one is absent."""
