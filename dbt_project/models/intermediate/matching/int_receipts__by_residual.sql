-- Stage 2 of the second pass: what a payment names differs from it by something that has a name.
{{
    matched_by_residual(
        ref("int_receipts__pairs"),
        ref("int_receipts__documents"),
        [ref("int_receipts__by_reference")],
    )
}}
