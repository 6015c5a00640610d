-- Every tie-out of every run. A blocking one that fails keeps the old marts.
with
    context as (select run_id from {{ source("run", "context") }}),

    controls as (
        {% for part in [
            "ledger",
            "files",
            "open_items",
            "openings",
            "bank",
            "bank_lines",
            "reconciliation",
            "matching",
            "e_invoices",
            "dunning",
            "vat",
            "risk",
            "forecast",
            "steering",
            "cash",
        ] %}
            select
                company_id,
                control_name,
                subject,
                cast(expected as decimal(38, 5)) as expected,
                cast(actual as decimal(38, 5)) as actual,
                is_blocking
            from {{ ref("int_controls__" ~ part) }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),

    -- Subjects are made of what the files say, and two things may say the same of themselves.
    numbered as (
        select
            *,
            row_number() over (
                partition by company_id, control_name, subject order by expected, actual
            ) as homonym
        from controls
    )

select run_id, company_id, control_name, subject, expected, actual, difference, passed, is_blocking
from {{ source("history", "fct_control_totals") }}

union all

select
    context.run_id,
    controls.company_id,
    controls.control_name,
    case
        when controls.homonym = 1
        then controls.subject
        else concat(controls.subject, ' #', cast(controls.homonym as string))
    end as subject,
    controls.expected,
    controls.actual,
    cast(controls.actual - controls.expected as decimal(38, 5)) as difference,
    controls.actual = controls.expected as passed,
    controls.is_blocking
from numbered as controls
cross join context
