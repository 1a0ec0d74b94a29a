"""How fast the program is, on the real engine in a private sandbox: `make bench`."""
