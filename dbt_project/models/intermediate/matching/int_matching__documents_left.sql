-- What the stages of the first pass have left of the documents, for the solver.
{{
    documents_left(
        ref("int_matching__documents"),
        "pool_id",
        ref("int_matching__payments_left"),
        "(select payment_id, pool_id, cast(null as string) as party_basis from "
        ~ ref("int_matching__payments")
        ~ ")",
        ref("int_matching__pairs"),
        [
            ref("int_matching__by_decision"),
            ref("int_matching__by_reference"),
            ref("int_matching__by_residual"),
            ref("int_matching__by_amount"),
            ref("int_matching__by_fee"),
        ],
    )
}}
