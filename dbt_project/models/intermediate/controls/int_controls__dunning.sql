-- Every overdue receivable item is in exactly one state of reminders, whole with what that state must say;
-- the actions ask for what is to be done, item by item.
with
    overdue as (
        select company_id, count(*) as item_count, sum(open_amount) as open_amount
        from {{ ref("fct_open_items") }}
        where ledger_side = 'receivable' and status = 'overdue'
        group by company_id
    ),

    items as (
        select
            *,
            case
                state
                when 'to_do'
                then action_id is not null and level is not null and waiting_until_date is null
                when 'waiting'
                then coalesce(waiting_until_date > as_of_date, false) and level is not null
                when 'promised'
                then coalesce(waiting_until_date >= as_of_date, false)
                when 'disputed'
                then disputed_amount > 0
                when 'excluded'
                then reason is not null
                else false
            end
            and (state = 'to_do') = (action_id is not null) as is_in_one_state
        from {{ ref("fct_dunning_items") }}
    ),

    covered as (
        select
            company_id,
            sum(case when is_overdue and is_in_one_state then 1 else 0 end) as item_count,
            sum(case when is_overdue and is_in_one_state then open_amount else 0 end) as open_amount,
            sum(case when state = 'to_do' then 1 else 0 end) as to_do_count,
            sum(case when state = 'to_do' then dunning_amount else 0 end) as to_do_amount
        from items
        group by company_id
    ),

    actions as (
        select company_id, sum(item_count) as item_count, sum(amount) as amount
        from {{ ref("fct_dunning_actions") }}
        group by company_id
    ),

    companies as (
        select company_id
        from overdue
        union
        select company_id
        from covered
        union
        select company_id
        from actions
    ),

    compared as (
        select
            companies.company_id,
            coalesce(overdue.item_count, 0) as overdue_count,
            coalesce(overdue.open_amount, 0) as overdue_amount,
            coalesce(covered.item_count, 0) as covered_count,
            coalesce(covered.open_amount, 0) as covered_amount,
            coalesce(covered.to_do_count, 0) as to_do_count,
            coalesce(covered.to_do_amount, 0) as to_do_amount,
            coalesce(actions.item_count, 0) as asked_count,
            coalesce(actions.amount, 0) as asked_amount
        from companies
        left join overdue on companies.company_id = overdue.company_id
        left join covered on companies.company_id = covered.company_id
        left join actions on companies.company_id = actions.company_id
    )

    {%- set ties = [
        ("overdue_items_are_in_one_dunning_state", "items", "overdue_count", "covered_count"),
        ("overdue_items_are_in_one_dunning_state", "amount", "overdue_amount", "covered_amount"),
        ("dunning_actions_ask_for_what_is_to_do", "items", "to_do_count", "asked_count"),
        ("dunning_actions_ask_for_what_is_to_do", "amount", "to_do_amount", "asked_amount"),
    ] %}

{% for control_name, subject, expected, actual in ties %}
    select
        company_id,
        '{{ control_name }}' as control_name,
        '{{ subject }}' as subject,
        cast({{ expected }} as decimal(38, 5)) as expected,
        cast({{ actual }} as decimal(38, 5)) as actual,
        true as is_blocking
    from compared
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
