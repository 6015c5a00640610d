-- Every landed exchange rate, beside how many different ones its file has for the day and pair.
select
    fx_rates.*,
    count(distinct fx_rates.rate) over (
        partition by fx_rates.source_sha256, fx_rates.rate_date, fx_rates.currency, fx_rates.base_currency
    ) as rate_count,
    files.known_at_date
from landing.fx_rates as fx_rates
join checked_files as files on fx_rates.source_sha256 = files.source_sha256
