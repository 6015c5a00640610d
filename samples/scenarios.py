"""What each match and each settlement of the truth is called, so that accuracy can be told by situation."""

from typing import Final

SCENARIOS: Final = (
    "one_invoice",
    "several_invoices",
    "credit_note",
    "part_payment",
    "over_payment",
    "instalments",
    "deposit_invoice",
    "on_account",
    "subscription",
    "discount",
    "exchange",
    "bank_fee",
    "other_payer",
    "shared_iban",
    "reference_misread",
    "amount_mistyped",
    "suspense",
    "posted_twice",
    "never_presented",
    "direct_debit_batch",
    "returned_debit",
    "cheque_deposit",
    "returned_cheque",
    "card_batch",
    "bill",
    "supplier_transfer",
    "supplier_batch",
    "supplier_cheque",
    "supplier_bill",
    "void_and_reissue",
    "wrong_payment",
    "salaries",
    "overheads",
    "internal_transfer",
    "bank_only",
)
"""Names of situations. A match or settlement has one: the most particular that applies."""

SCENARIO_INDEX: Final = {name: index for index, name in enumerate(SCENARIOS)}
