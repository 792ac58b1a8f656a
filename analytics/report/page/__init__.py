"""The HTML page: one file with its scripts, styles and data."""
