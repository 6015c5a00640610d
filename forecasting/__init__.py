"""What customers will pay, and when: pure functions over Arrow tables, called by the models of ``forecast/``.

Nothing here reads a file, a database or the clock. What is said for a date is made of what was known then.
"""
