-- Stage 3 of the second pass: a payment and a document of one amount, each the other's best by far.
{{
    matched_by_amount(
        ref("int_receipts__pairs"), [ref("int_receipts__by_reference"), ref("int_receipts__by_residual")]
    )
}}
