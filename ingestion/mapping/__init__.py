"""Tables of any bank or software, read by a mapping of their columns to ours.

Here: where rows stand in a file (``tables``, ``workbook``), which mappings there are (``catalogue``) and which of them
fits (``fitting``), what cells mean (``cells``), how rows land (``bank``, ``books``), and a mapping proposed from a file
(``proposal``).
Not here: any bank's or software's columns. Those are data, ``ingestion/mappings/*.toml`` and ``encours.toml``.
"""
