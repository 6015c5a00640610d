-- Which payments and documents may belong together, with the evidence on each pair, in the first pass.
{{
    candidate_pairs(
        ref("int_matching__payments"),
        ref("int_matching__documents"),
        "(select payment_id, pool_id, cast(case when use = 'lettering' then 'ledger' end as string) as party_basis from "
        ~ ref("int_matching__payments")
        ~ ")",
        ["pool_id"],
        ref("int_matching__named"),
        ref("int_matching__by_decision"),
    )
}}
