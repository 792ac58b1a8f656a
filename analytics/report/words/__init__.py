"""Every sentence of the report; one file per language."""
