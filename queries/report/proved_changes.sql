-- title: What changes brought
-- question: What did each change bring, to the VM and to those that share its volume?
-- column: vm VARCHAR | name of the VM
-- column: changed_on DATE | first night after the change
-- column: change VARCHAR | what changed
-- column: before_p50_s DOUBLE | median time from the creation of the task to its end before
-- column: after_p50_s DOUBLE | the same since
-- column: change_s DOUBLE | median difference to the same weekday before; negative is shorter
-- column: low_s DOUBLE | lower end of it, 90 % interval
-- column: high_s DOUBLE | upper end of it, 90 % interval
-- column: neighbours_change_s DOUBLE | median of the same difference of VMs that shared its volume and did not change
-- column: nights_matched BIGINT | nights since whose weekday is known from before
-- column: grade VARCHAR | how well it is founded
-- column: proof_reason VARCHAR | what decides the grade
SELECT
    vm, changed_on, what AS change, before_p50_s, after_p50_s, change_s, low_s, high_s, neighbours_change_s,
    nights_matched, grade, reason AS proof_reason
FROM proofs
ORDER BY grade, change_s NULLS LAST, vm
