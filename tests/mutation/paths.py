"""Where results are kept."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs/mutation"
SESSIONS = ROOT / ".mutants"
"""Cosmic Ray's books, one a module; not committed."""
