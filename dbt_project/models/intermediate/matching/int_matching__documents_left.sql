-- What the stages of the first pass have left of the documents, for the solver.
{{
    documents_left(
        ref("int_matching__documents"),
        "documents.pool_id",
        [
            ref("int_matching__by_decision"),
            ref("int_matching__by_reference"),
            ref("int_matching__by_residual"),
            ref("int_matching__by_amount"),
            ref("int_matching__by_fee"),
        ],
    )
}}
