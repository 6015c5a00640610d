"""The statement of account that goes with a reminder."""

from documents.statement_pdf import Statement, ages_of, lines_of
from dunning.action import Action, clean


def statement(action: Action) -> Statement:
    """The customer's statement of account."""
    return Statement(
        company=clean(action.company_name),
        third_party=clean(action.customer_name),
        code=clean(action.customer_code),
        kind="customer",
        vat_number=clean(action.vat_number) or None,
        as_of=action.as_of_date,
        currency=action.currency,
        lines=lines_of(action.account, action.currency, action.language),
        ages=ages_of(action.account, action.buckets, action.language),
        language=action.language,
    )
