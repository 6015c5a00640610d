-- Every bank account of the run, and every ledger account that is one, with its thresholds: of those in force on the
-- as-of date the account's own come first, then those of every account, each time the latest.
with
    status as (
        select
            status.*,
            context.as_of_date as today,
            coalesce(status.bank_account_id, concat_ws('/', status.company_id, status.ledger_account)) as subject
        from marts.fct_reconciliation_status as status
        join run.context as context on status.run_id = context.run_id
    ),

    limits as (
        select
            status.subject,
            thresholds.*,
            'since ' || thresholds.since || ': ' || thresholds.reason as words,
            -- The account's own before the general one, then the latest.
            (case when thresholds.account is null then 0 else 1 end, thresholds.since) as preference
        from status
        join settings.reconciliation_thresholds as thresholds
            on thresholds.since <= status.today
            and (
                thresholds.account is null
                or thresholds.account = status.ledger_account
                or status.bank_account_id = status.company_id || '/' || thresholds.account
            )
    ),

    in_force as (
        select
            subject,
            arg_max(largest_amount, preference) as largest_amount,
            arg_max(words, preference) filter (where largest_amount is not null) as largest_amount_words,
            arg_max(largest_count, preference) as largest_count,
            arg_max(words, preference) filter (where largest_count is not null) as largest_count_words,
            arg_max(oldest_days, preference) as longest_days,
            arg_max(words, preference) filter (where oldest_days is not null) as longest_days_words
        from limits
        group by subject
    )

select
    status.*,
    in_force.* exclude (subject),
    concat(
        format(
            '{:d} of {:d} lines unreconciled, {} {}, the oldest of {:d} days, {:d} more proposed; ',
            status.unreconciled_count,
            status.line_count,
            cast(status.unreconciled_amount as varchar),
            coalesce(status.currency_code, ''),
            coalesce(status.oldest_days, 0),
            status.proposed_count
        ),
        case
            when status.previous_run_id is null then 'no run before.'
            else
                format(
                    'at the last run {:d}, {}, {:d} days, {:d} proposed.',
                    status.previous_unreconciled_count,
                    cast(status.previous_unreconciled_amount as varchar),
                    coalesce(status.previous_oldest_days, 0),
                    status.previous_proposed_count
                )
        end
    ) as told
from status
left join in_force on status.subject = in_force.subject
