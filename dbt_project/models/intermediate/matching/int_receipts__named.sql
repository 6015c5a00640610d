-- Which documents the text of a payment names, in the second pass.
{{
    named_documents(
        ref("int_receipts__payments"),
        ref("int_receipts__documents"),
        ref("int_receipts__pools"),
        "party_id",
        tells_missing=true,
    )
}}
