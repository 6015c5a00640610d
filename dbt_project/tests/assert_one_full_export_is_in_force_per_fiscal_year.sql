-- A full export restates its whole fiscal year: two of them in force would count the year twice, none
-- would lose it.
select company_id, fiscal_year_end_date
from {{ ref("int_files__ledger_exports_ranked") }}
where not is_partial
group by company_id, fiscal_year_end_date
having sum(case when export_status = 'in_force' then 1 else 0 end) <> 1
