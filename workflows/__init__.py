"""Reference workflows that resume from their last good checkpoint, in this region or the other."""
