-- Stage 0 of the second pass: what reviewers have accepted.
{{ matched_by_decision(ref("int_receipts__payments"), ref("int_receipts__documents")) }}
