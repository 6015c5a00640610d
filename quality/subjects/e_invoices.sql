-- Every landed e-invoice, beside what its instalments come to, its parties' numbers and the day of the refresh.
select
    e_invoices.*,
    list_min(list_transform(e_invoices.instalments, lambda one: one.due_date)) as first_due_date,
    list_max(list_transform(e_invoices.instalments, lambda one: one.due_date)) as last_due_date,
    case
        when len(list_filter(e_invoices.instalments, lambda one: one.amount is null)) = 0
        then list_sum(list_transform(e_invoices.instalments, lambda one: one.amount))
    end as instalments_amount,
    files.known_at_date
from landing.e_invoices as e_invoices
join checked_files as files on e_invoices.source_sha256 = files.source_sha256
