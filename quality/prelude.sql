-- What subjects and predicates share: the files that are checked, and the arithmetic of check digits.

-- Files that landed; of the others (held, refused, duplicate) nothing is in force. A path that was written over stands
-- for several contents: those that no longer lie there are told apart by their hash.
create or replace temp table checked_files as
select
    files.* replace (
        case
            when files.is_present or count(*) over (partition by files.source_file) = 1 then files.source_file
            else concat(files.source_file, ' (', substr(files.source_sha256, 1, 8), ')')
        end as source_file
    ),
    context.known_at_date
from landing.source_files as files
cross join run.context as context
where files.status = 'landed';

-- ISO 7064 MOD 97-10 of a text of digits and capitals, a letter standing for its two digits (A = 10 … Z = 35).
create or replace temp macro mod_97(reference) as
    list_reduce(
        list_transform(string_split(reference, ''), lambda symbol: ascii(symbol)),
        lambda remainder, code: (case when code < 65 then remainder * 10 + code - 48 else remainder * 100 + code - 55 end) % 97,
        0
    );

create or replace temp macro compact(reference) as
    upper(replace(reference, ' ', ''));

-- ISO 13616: two letters, two check digits, 11 to 30 characters. A local account number is no IBAN, and not wrong.
create or replace temp macro has_wrong_iban(account) as
    regexp_full_match(compact(account), '[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}')
    and mod_97(compact(account)[5:] || compact(account)[:4]) <> 1;

-- ISO 11649: RF, two check digits, 1 to 21 characters.
create or replace temp macro has_wrong_creditor_reference(reference) as
    regexp_full_match(compact(reference), 'RF[0-9]{2}[A-Z0-9]{1,21}')
    and mod_97(compact(reference)[5:] || compact(reference)[:4]) <> 1;

-- Luhn over nine digits: every second digit from the right counts double, less 9 above 9.
create or replace temp macro has_wrong_siren(siren) as
    case
        when not regexp_full_match(compact(siren), '[0-9]{9}') then true
        else
            list_sum(
                list_transform(
                    string_split(compact(siren), ''),
                    lambda digit, place: case
                        when place % 2 = 1 then cast(digit as integer)
                        else cast(digit as integer) * 2 - (case when digit > '4' then 9 else 0 end)
                    end
                )
            ) % 10 <> 0
    end;

-- CGI, annexe IV: key = (12 + 3 × SIREN modulo 97) modulo 97, where the key is numeric.
create or replace temp macro has_wrong_vat_number(vat_number) as
    case
        when regexp_full_match(compact(vat_number), 'FR[0-9]{11}')
        then cast(compact(vat_number)[3:4] as integer) <> (12 + 3 * (cast(compact(vat_number)[5:] as integer) % 97)) % 97
        else not regexp_full_match(compact(vat_number), '[A-Z]{2}[A-Z0-9+*]{2,13}')
    end;

-- Bank amounts have five decimals; two are shown unless more are used.
create or replace temp macro trim_amount(amount) as
    regexp_replace(cast(amount as varchar), '(\.[0-9]{2})([0-9]*?)0+$', '\1\2');
