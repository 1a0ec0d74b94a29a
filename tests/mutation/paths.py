"""Where results are kept."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs/mutation"
SPOTS = Path(__file__).parent / "spots.csv"
"""What it took two changes, or another platform, to explain."""
STACKS = Path(__file__).parent / "stacks"
"""What came of the real graphs, one file each."""
SESSIONS = ROOT / ".mutants"
"""Cosmic Ray's books, one a module; not committed."""
