-- question: Which VMs does the site file leave out?
-- grain: one VM that the site leaves out
-- key: vm
-- reads: machine_aliases, site_exclusions
-- column: vm VARCHAR | Name of the VM.
-- A pattern fits a name that means the machine, as in machine_aliases.
SELECT DISTINCT n.vm
FROM machine_aliases AS n
JOIN site_exclusions AS s ON name_fits(n.name, s.vm_pattern)
