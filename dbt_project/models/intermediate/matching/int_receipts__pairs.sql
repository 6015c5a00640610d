-- Which payments and documents may belong together, with the evidence on each pair, in the second pass.
{{
    candidate_pairs(
        ref("int_receipts__payments"),
        ref("int_receipts__documents"),
        ref("int_receipts__pools"),
        ["party_id", "block_id"],
        ref("int_receipts__named"),
        ref("int_receipts__by_decision"),
    )
}}
