"""What the booth believes: time, metadata, who may say what."""
