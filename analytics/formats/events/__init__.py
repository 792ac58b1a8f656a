"""Windows event logs in every form that tools export them in."""
