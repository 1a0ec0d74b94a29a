"""What tests/mutation uses of Cosmic Ray, which has no types and is not in the venv (cosmic-ray 8.7.0)."""
