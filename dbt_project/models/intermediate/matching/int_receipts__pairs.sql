-- Which payments and documents may belong together, with the evidence on each pair, in the second pass.
{{
    candidate_pairs(
        ref("int_receipts__payments"),
        ref("int_receipts__documents"),
        ref("int_receipts__pools"),
        "(select document_id, party_id as pool_id from "
        ~ ref("int_receipts__documents")
        ~ " union all select document_id, block_id as pool_id from "
        ~ ref("int_receipts__documents")
        ~ ")",
        ref("int_receipts__named"),
        ref("int_receipts__by_decision"),
    )
}}
