-- Stage 3 of the first pass: a payment and a document of one amount, each the other's best by far.
{{
    matched_by_amount(
        ref("int_matching__pairs"), [ref("int_matching__by_reference"), ref("int_matching__by_residual")]
    )
}}
