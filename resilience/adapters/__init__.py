"""Where a picture comes from: the engine's analyzer protocol, or a state export."""
