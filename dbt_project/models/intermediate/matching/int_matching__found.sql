-- What the first pass has found: a row per member of a match group.
{{
    found_members(
        [
            ref("int_matching__by_decision"),
            ref("int_matching__by_reference"),
            ref("int_matching__by_residual"),
            ref("int_matching__by_amount"),
            ref("int_matching__by_fee"),
        ],
        ref("int_matching__solved"),
    )
}}
