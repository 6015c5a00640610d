-- What the stages of the second pass have left of the payments, for the solver.
{{
    payments_left(
        ref("int_receipts__payments"),
        ref("int_receipts__pools"),
        ref("int_receipts__documents"),
        "party_id",
        ref("int_receipts__pairs"),
        [
            ref("int_receipts__by_decision"),
            ref("int_receipts__by_reference"),
            ref("int_receipts__by_residual"),
            ref("int_receipts__by_amount"),
        ],
        named=ref("int_receipts__named"),
        decided=ref("int_receipts__by_decision"),
    )
}}
