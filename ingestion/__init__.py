"""From files as they come to typed, content-addressed Parquet.

Here: what a file is (``detection``), how each format is read (``formats``), what landed data looks like
(``schemas``), whose file it is (``ownership``), and where it lands (``landing``, ``quarantine``, ``intake``).

Not here: any rule about what an amount means (dbt holds those), and anything of Dagster.
"""
