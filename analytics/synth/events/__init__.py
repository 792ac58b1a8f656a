"""The Windows events of a simulated estate."""
