{# Pieces of the sentences that explain an exception, in French (fr) or English (en). #}
{# An amount without its sign, and its currency. #}
{% macro amount_told(amount, currency) -%}
    concat(cast(cast(abs({{ amount }}) as decimal(18, 2)) as string), coalesce(' ' || {{ currency }}, ''))
{%- endmacro %}

{# What a match leaves over, with its name; nothing where it leaves nothing. #}
{% macro residual_told(amount, reason, language) -%}
    case
        when coalesce({{ amount }}, 0) = 0
        then ''
        else
            concat(
                {{ "', écart '" if language == "fr" else "', difference '" }},
                cast(abs({{ amount }}) as string),
                case
                    {{ reason }}
                    when 'bank_fee'
                    then {{ "' (frais bancaires)'" if language == "fr" else "' (bank fee)'" }}
                    when 'discount'
                    then {{ "' (escompte)'" if language == "fr" else "' (discount)'" }}
                    when 'rounding'
                    then {{ "' (arrondi)'" if language == "fr" else "' (rounding)'" }}
                    when 'exchange'
                    then {{ "' (change)'" if language == "fr" else "' (exchange)'" }}
                    when 'short_payment'
                    then {{ "' (payé en moins)'" if language == "fr" else "' (short payment)'" }}
                    when 'over_payment'
                    then {{ "' (payé en trop)'" if language == "fr" else "' (over-payment)'" }}
                    else {{ "' (inexpliqué)'" if language == "fr" else "' (unexplained)'" }}
                end
            )
    end
{%- endmacro %}

{# What is said where several matches are as good: the best is best_text, and equal_count says how many. #}
{% macro ambiguous_told(language) -%}
    concat(
        {{ "' : '" if language == "fr" else "': '" }},
        cast(equal_count as string),
        {{
            (
                "' rapprochements aussi plausibles, dont '"
                if language == "fr"
                else "' matches are equally likely, among them '"
            )
        }},
        best_text,
        {{ residual_told("residual_amount", "residual_reason", language) }},
        {{ "' ; dites lequel est le bon.'" if language == "fr" else "'; say which is right.'" }}
    )
{%- endmacro %}

{# What is said where one match is likely: best_text. #}
{% macro proposed_told(language) -%}
    concat(
        {{ "' : sans doute '" if language == "fr" else "': probably '" }},
        best_text,
        {{ residual_told("residual_amount", "residual_reason", language) }},
        {{
            (
                "' ; acceptez ou rejetez la proposition.'"
                if language == "fr"
                else "'; accept or reject the proposal.'"
            )
        }}
    )
{%- endmacro %}
