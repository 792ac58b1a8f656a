"""Binary event logs (.evtx), chunk by chunk."""
