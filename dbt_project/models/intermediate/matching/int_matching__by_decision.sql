-- Stage 0 of the first pass: what reviewers have accepted.
{{ matched_by_decision(ref("int_matching__payments"), ref("int_matching__documents")) }}
