"""Mutants of the samples against every reader, with an oracle that counts the records by itself."""
