-- The candidate pairs among what the stages of the first pass have left, for the solver.
{{ config(materialized="view") }}

{{
    pairs_left_for_solver(
        ref("int_matching__pairs"),
        ref("int_matching__payments_left"),
        ref("int_matching__documents_left"),
        "(select payment_id, pool_id, cast(case when use = 'lettering' then 'ledger' end as string) as party_basis from "
        ~ ref("int_matching__payments")
        ~ ")",
        ref("int_decisions__pairs"),
    )
}}
