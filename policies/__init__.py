"""Invariants of high availability, judged on what the engine is about to do or has done."""
