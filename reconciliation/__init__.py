"""What SQL cannot say about settling: which posting consumes which, in what order.

Pure functions over Arrow tables: no files, no database, no clock. Amounts are integers of minor units (cents),
positive for what is owed (an invoice) and negative for what settles it, on either side of the ledger (in matching, a
payment has the sign of what it settles).

``solver``: which payments settle which documents, where that takes the whole problem in view. ``openings``: which
earlier postings an opening line restates. ``lettering``: the replay of lettering groups.
"""
