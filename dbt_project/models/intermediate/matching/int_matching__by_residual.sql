-- Stage 2 of the first pass: what a payment names differs from it by something that has a name.
{{
    matched_by_residual(
        ref("int_matching__pairs"),
        ref("int_matching__documents"),
        [ref("int_matching__by_reference")],
    )
}}
