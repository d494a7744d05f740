-- A mobile number, an identity number or a credit code (with its six-digit region) with its check character, in any
-- case, with no adjacent letter or digit. An amount that is compared with something is not such a number.
with candidate as (
    select
        table_name,
        value,
        {{ replace_matches('value', '[<>=] -?[0-9.]+|-?[0-9.]+ [<>=]', '') }} as without_amounts
    from {{ batch }}
    where
        length(value) >= 11
        and {{ matches('value', '1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|[0-9]{6}[0-9A-Za-z]{9}') }}
        and value not in (select known.key from gate_2.known_key as known)
),

extracted as (
    select
        table_name,
        without_amounts,
        {{ extract_match('value', '(^|[^0-9A-Za-z_])([0-9]{17}[0-9Xx])($|[^0-9A-Za-z_])', 2) }} as resident_id,
        {{ extract_match(
            'value', '(^|[^0-9A-Za-z_])([0-9A-Za-z]{2}[0-9]{6}[0-9A-Za-z]{10})($|[^0-9A-Za-z_])', 2
        ) }} as credit_code
    from candidate
)

select table_name
from extracted
where
    {{ matches(
        'without_amounts',
        '(^|[^0-9A-Za-z])([+]?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}($|[^0-9A-Za-z])'
    ) }}
    or scratch.main.is_resident_id(resident_id)
    or scratch.main.is_credit_code(credit_code)
