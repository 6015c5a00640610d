"""What can stop a refresh or a question and is told in one sentence, without a traceback."""


class ExpectedError(Exception):
    """Its message is one sentence that names what is wrong and the remedy."""


class DbtError(ExpectedError):
    """dbt could not do its work: a fault of the models, not of the input."""


class BlockedError(ExpectedError):
    """The run has no marts that it may publish; those in force stay."""


class NotPublishedError(BlockedError):
    """The copy differs from what was built; the marts in force stay."""


class TargetError(ExpectedError):
    """A server that the marts are published to did not get them; it keeps those that it has."""


class RefreshFailedError(ExpectedError):
    """The refresh stopped; the marts in force stay."""


class NothingPublishedError(ExpectedError):
    """No marts were ever published in this home."""


class UnknownThirdPartyError(ExpectedError):
    """No third party, or several, answer to a name."""


class UnknownIdError(ExpectedError):
    """Nothing in the marts, or several things, answer to an id."""


class StaleMartsError(ExpectedError):
    """The marts are of another day, or not verified: nobody is written to by them."""


class NothingHeldError(ExpectedError):
    """No held file, or several, answer to a name."""


class UnknownBankAccountError(ExpectedError):
    """No bank account, or several, answer to a name."""


class NoReconciliationStatementError(ExpectedError):
    """The bank account has no reconciliation statement, or none at that date."""


class UnknownChoiceError(ExpectedError):
    """No company, agency, sales representative or customer group is called so."""
