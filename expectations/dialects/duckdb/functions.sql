-- Functions that gate queries call by name; gate 1 creates them in the scratch warehouse. Null in, null out.

-- Check characters are judged in upper case; lower case gives a warning (`*.id_number.lower_case`).
-- GB 11643-1999: 17 digits, their weighted sum modulo 11, written as one of eleven characters.
create or replace macro is_resident_id(id) as
    regexp_full_match(upper(id), '[0-9]{17}[0-9X]')
    and substr(
        '10X98765432',
        1 + cast(list_sum(list_transform(
            [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
            lambda weight, place: weight * (ascii(substr(id, place, 1)) - 48)
        )) % 11 as bigint),
        1
    ) = upper(substr(id, 18, 1));

-- GB 32100-2015: characters without I, O, S, V and Z, weights 3^(n-1) modulo 31.
create or replace macro is_credit_code(code) as
    regexp_full_match(upper(code), '[0-9A-HJ-NPQRTUWXY]{18}')
    and (
        31 - list_sum(list_transform(
            [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28],
            lambda weight, place:
                weight * (instr('0123456789ABCDEFGHJKLMNPQRTUWXY', upper(substr(code, place, 1))) - 1)
        )) % 31
    ) % 31 = instr('0123456789ABCDEFGHJKLMNPQRTUWXY', upper(substr(code, 18, 1))) - 1;

-- Unicode white space at either end, or anywhere a control character (a tab, a line break) or a format character
-- (zero-width characters, the byte order mark). A blank inside is a sender's way to write a code.
create or replace macro has_invisible(value) as
    regexp_matches(value, '^\p{Z}|\p{Z}$|[\p{Cc}\p{Cf}]');
