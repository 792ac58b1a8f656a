-- title: What can be said of the time ahead
-- question: Of how many VMs can be told when they will break a rule, and why not of the others?
-- column: forecast_verdict VARCHAR | what can be said
-- column: forecast_reason VARCHAR | why
-- column: vms BIGINT | VMs; one with several rules may count in several rows
SELECT verdict AS forecast_verdict, reason AS forecast_reason, count(DISTINCT vm) AS vms
FROM forecasts
GROUP BY ALL
ORDER BY vms DESC, forecast_reason
