"""Job records of DPM: exports of its console, its PowerShell module, its database, Azure."""
