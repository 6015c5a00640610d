"""Publishing the marts to a PostgreSQL server, so that whoever reads them there sees one run, whole, and never waits.

Two schemas. ``marts`` holds a view per mart, whose name and columns stay: people build on them. ``marts_runs`` holds
what the views read from: a partitioned table per mart with a partition per published run; for the marts to which a run
only adds, a plain table whose rows say from which run on, and until which, they count; and ``current_run``, one row,
the number of the run that the views show. A run is loaded beside the others, compared with what was published in the
home, and put in force by one UPDATE of that row. ``docs/decisions/0017-postgresql-runs.md`` says why.

Not here: what the marts are (``dbt_project``), and when they are published (``orchestration.stages``).
"""
