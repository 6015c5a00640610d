"""Whether the content of what landed is sound, and a report of it that people can read.

Here: Great Expectations suites as data (``suites/*.json``, each over the rows of ``subjects/*.sql``), their
runner (``landed``), what a check found (``results``) and the report of a run (``report``). Not here: the
shape of files (ingestion), keys and accounting identities of the models (dbt data tests), and anything of
Dagster.

What other packages use::

    from quality.landed import check_landed
    from quality.results import CheckResult, FailingRow, results_table
    from quality.report import write_report

    results = check_landed(connection, run_id)      # list[CheckResult], one per claim and landed file
    table = results_table(results)                  # pa.Table with home.tables.QUALITY_RESULTS
    write_report(
        home.reports / run_id,
        context=context,                            # home.tables.RunContext
        results=results,
        control_totals=rows,                        # dicts with the columns of fct_control_totals
        exceptions=rows,                            # dicts with the columns of fct_reconciliation_exceptions
        is_published=True,                          # False when a blocking check kept the old marts
        blocking=sentences,                         # what blocked, if anything
    )                                               # report.html and results.json; returns the former's path

The suites and claims are known without running anything and without importing Great Expectations (for asset
check specifications)::

    from quality.suites import load_suites          # tuple[Suite, ...]; suite.name, suite.table, suite.claims
                                                    # claim.name, claim.severity, claim.reason
"""
