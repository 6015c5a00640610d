-- What the second pass has found: a row per member of a match group.
{{
    found_members(
        [
            ref("int_receipts__by_decision"),
            ref("int_receipts__by_reference"),
            ref("int_receipts__by_residual"),
            ref("int_receipts__by_amount"),
        ],
        ref("int_receipts__solved"),
    )
}}
