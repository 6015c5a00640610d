"""What can stop a letter or a sending, told in one sentence."""


class DunningError(Exception):
    """Its message is one sentence that names what is wrong and the remedy."""


class TemplateFaultError(DunningError):
    """A template cannot be used: the sentence names its file and line."""


class AddressError(DunningError):
    """An e-mail address to which nothing can be sent."""


class AlreadyToldError(DunningError):
    """The log says that the customer has been written to, or may have been: it is not done again."""


class LogError(DunningError):
    """The log of messages cannot be used."""


class SendingError(DunningError):
    """The mail server cannot be used: nothing more is sent."""
