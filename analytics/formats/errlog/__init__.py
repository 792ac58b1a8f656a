"""Errlogs of the DPM services: the lines, their years, the records that mark a phase."""
