-- Stage 1 of the first pass: what a payment names adds up to it.
{{ matched_by_reference(ref("int_matching__pairs")) }}
