"""The files that a simulated estate is written to, in the formats of the real ones."""
