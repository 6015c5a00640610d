"""The thin layer over everything else: the daily refresh, its Dagster definitions, and the command line.

Here: in what order the parts run, what is published when, and what people are told. Not here: parsing, business
rules, thresholds.
"""
