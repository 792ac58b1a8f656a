-- title: When rules will be broken
-- question: On which date will the growth of its disks make which VM break a rule?
-- column: vm VARCHAR | name of the VM
-- column: rule VARCHAR | the rule
-- column: breaks_on DATE | night from which on the usual backup breaks it
-- column: low_on DATE | earliest such night, 90 % interval
-- column: high_on DATE | latest such night, 90 % interval
-- column: level_s DOUBLE | what the usual night takes now
-- column: limit_s DOUBLE | what it may take
-- column: grade VARCHAR | how well it is founded
-- chart: forecast_dates
SELECT vm, rule, breaks_on, low AS low_on, high AS high_on, level_s, limit_s, grade
FROM forecasts
WHERE verdict = 'trend'
ORDER BY breaks_on, vm, rule
