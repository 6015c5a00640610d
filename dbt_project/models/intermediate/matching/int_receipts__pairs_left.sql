-- The candidate pairs among what the stages of the second pass have left, for the solver.
{{ config(materialized="view") }}

{{
    pairs_left_for_solver(
        ref("int_receipts__pairs"),
        ref("int_receipts__payments_left"),
        ref("int_receipts__documents_left"),
        ref("int_receipts__pools"),
        ref("int_decisions__pairs"),
    )
}}
