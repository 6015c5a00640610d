"""A reminder as a letter to print and post."""

from documents import formats, letter_pdf
from dunning.account import statement
from dunning.action import Action, clean
from dunning.letters import Letter
from dunning.texts import texts


def as_pdf(action: Action, letter: Letter) -> bytes:
    """The letter with the statement of account."""
    t = texts(action.language)
    customer = [clean(action.customer_name), t("letter.code", code=clean(action.customer_code))]
    if action.vat_number:
        customer.append(t("letter.vat", number=clean(action.vat_number)))
    told = letter_pdf.Letter(
        company=clean(action.company_name),
        customer=customer,
        day=t("letter.day", day=formats.day(action.as_of_date, action.language)),
        posting=t.words.get(f"letter.{action.channel}", ""),
        subject=t("letter.subject", subject=letter.subject),
        before=letter.before,
        headings=letter.demand.headings,
        rows=letter.demand.rows,
        sums=letter.demand.sums,
        after=letter.after,
        language=action.language,
    )
    return letter_pdf.as_pdf(told, statement(action))
