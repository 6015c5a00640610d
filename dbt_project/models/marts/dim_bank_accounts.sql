select bank_account_id, company_id, account_number as iban, currency_code, ledger_account
from {{ ref("int_bank__accounts") }}
