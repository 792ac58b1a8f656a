"""What the collector writes beside the logs: the machine they come from, and its VMs."""
