select match_rule, label_fr, label_en, explanation_fr, explanation_en from {{ ref("match_rules") }}
