-- title: Can it be believed?
-- question: What was checked of the evidence, what came of it, and what would mend it?
-- column: check VARCHAR | what is checked
-- column: trust VARCHAR | what came of it: ok, warn (what was kept and missed stands), fail (it may be wrong)
-- column: detail VARCHAR | what was found
-- column: remedy VARCHAR | what would mend it, NULL for nothing
-- column: found BIGINT | how many are wrong, as the detail says
-- column: total BIGINT | of how many
-- column: low_s DOUBLE | least difference of two clocks, or age of the evidence
-- column: high_s DOUBLE | greatest difference of two clocks
-- column: names VARCHAR | up to three computers, VMs or files that it is about
-- column: others BIGINT | how many more of them there are
SELECT t."check", t.status AS trust, t.detail, t.remedy, t.found, t.total, t.low_s, t.high_s, t.names, t.others
FROM trust AS t
JOIN trust_checks AS c ON c."check" = t."check"
ORDER BY c.place
