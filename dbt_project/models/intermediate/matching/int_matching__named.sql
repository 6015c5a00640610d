-- Which documents the text of a payment names, in the first pass.
{{
    named_documents(
        ref("int_matching__payments"),
        ref("int_matching__documents"),
        "(select payment_id, pool_id from " ~ ref("int_matching__payments") ~ ")",
        "pool_id",
    )
}}
