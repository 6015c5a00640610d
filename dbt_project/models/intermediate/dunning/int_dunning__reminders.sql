-- What each open item was reminded of by the as-of date: the highest level, and the last day. From the log
-- of this home, where what may have been sent counts as sent, and from dunning_events.csv in its sender's
-- words: a level is one of ours by its name or its number, a row without a document is about all that was
-- late on its day, and what did not arrive does not count.
with
    context as (select as_of_date from {{ source("run", "context") }}),

    items as (
        select
            items.item_id,
            items.company_id,
            items.third_party_id,
            items.due_date,
            items.entry_date,
            items.item_type,
            upper(trim(items.document_ref)) as document_key,
            min(items.third_party_id) over (partition by items.company_id, upper(trim(items.document_ref)))
            = max(items.third_party_id) over (
                partition by items.company_id, upper(trim(items.document_ref))
            ) as is_of_one_party
        from {{ ref("int_items__posted") }} as items
        inner join {{ ref("int_ageing__items_at_dates") }} as at_dates on items.item_id = at_dates.item_id
        where at_dates.is_own_date and items.ledger_side = 'receivable' and at_dates.open_amount > 0
    ),

    parties as (
        select third_party_id, company_id, third_party_code, attribute_code
        from {{ ref("int_third_parties__listed") }}
        where kind = 'customer'
    ),

    levels as (select distinct level, name from {{ source("settings", "dunning_levels") }}),

    events as (
        select
            concat(events.source_sha256, ' ', cast(events.source_row as string)) as event_id,
            coalesce(events.company_id, files.company_id) as company_id,
            events.third_party_code,
            nullif(upper(trim(events.document_number)), '') as document_key,
            events.sent_on,
            {{ without_accents("upper(trim(events.dunning_level))") }} as level_text,
            {{
                capture(
                    "events.dunning_level",
                    "'(^|[^0-9])([0-9]{1,2})([^0-9]|$)'",
                    2,
                )
            }} as level_digits
        from {{ ref("stg_landing__dunning_events") }} as events
        inner join {{ ref("int_files__placements") }} as files on events.source_sha256 = files.source_sha256
        cross join context
        where
            events.sent_on <= context.as_of_date
            and (
                not
                {{
                    matches(
                        without_accents("upper(coalesce(events.outcome, ''))"),
                        "'FAIL|ERROR|BOUNCE|RETURN|UNDELIVER|NOT SENT|ECHEC|ERREUR|ECHOU|RETOUR|NON DISTRIBU|NON ENVOY|NPAI'",
                    )
                }}
                -- A receipt that came back proves that the letter arrived.
                or {{
                    matches(
                        without_accents("upper(coalesce(events.outcome, ''))"),
                        "'RETOUR (DE L.)?(AR|ACCUSE)([^A-Z]|$)|(^|[^A-Z])AR RETOUR|RETURN RECEIPT'",
                    )
                }}
            )
    ),

    levelled as (
        select events.event_id, max(coalesce(named.level, numbered.level)) as dunning_level
        from events
        left join levels as named on {{ without_accents("upper(trim(named.name))") }} = events.level_text
        left join levels as numbered on cast(numbered.level as string) = events.level_digits
        group by events.event_id
    ),

    about_documents as (
        select items.item_id, events.event_id, events.sent_on
        from events
        inner join items on events.company_id = items.company_id and events.document_key = items.document_key
        left join parties on items.third_party_id = parties.third_party_id
        where
            -- A payment that came back since is another item, whatever its document was reminded of.
            (items.item_type <> 'payment' or items.entry_date <= events.sent_on)
            and (
                events.third_party_code in (parties.third_party_code, parties.attribute_code)
                or (events.third_party_code is null and items.is_of_one_party)
            )
    ),

    about_parties as (
        select items.item_id, events.event_id, events.sent_on
        from events
        inner join
            parties
            on events.company_id = parties.company_id
            and (
                events.third_party_code = parties.third_party_code
                or events.third_party_code = parties.attribute_code
            )
        inner join
            items
            on parties.third_party_id = items.third_party_id
            and items.entry_date <= events.sent_on
            and items.due_date < events.sent_on
        where events.document_key is null
    ),

    reminders as (
        select sent.item_id, sent.dunning_level, sent.sent_on
        from {{ ref("stg_dunning__sent") }} as sent
        cross join context
        where sent.outcome in ('sent', 'unknown') and sent.sent_on <= context.as_of_date

        -- What two files tell, or a file and the log, went out once.
        union

        select about.item_id, levelled.dunning_level, about.sent_on
        from
            (
                select *
                from about_documents
                union all
                select *
                from about_parties
            ) as about
        inner join levelled on about.event_id = levelled.event_id
    )

select
    item_id,
    max(dunning_level) as dunning_level,
    max(sent_on) as last_sent_on,
    cast(count(*) as integer) as reminder_count
from reminders
group by item_id
