-- Stage 1 of the second pass: what a payment names adds up to it.
{{ matched_by_reference(ref("int_receipts__pairs")) }}
