-- Functions that the SQL of every mapping may use, on top of DuckDB's own. Each takes a missing value and gives a missing one;
-- a text that cannot be read becomes missing too. docs/mapping.md shows an example of each.

-- ---- texts and ids

-- The text without outer blanks; empty where nothing is left or where it only says that nothing is there (NULL, N/A, -).
create macro filled(t) as list_transform([trim(t::varchar)], lambda x:
    case when upper(x) not in ('', 'NULL', 'NONE', 'NAN', 'NAT', 'N/A', '#N/A', '-') then x end)[1];

-- An id as text: 17.0 and 17 are the same id.
create macro id_of(t) as regexp_replace(filled(t), '^([1-9][0-9]*)\.0+$', '\1');

-- An e-mail address in small letters: Anna@Kunde.example and anna@kunde.example are one person.
create macro email_of(t) as lower(filled(t));

-- The part after the @ of an e-mail address.
create macro domain_of(t) as nullif(split_part(email_of(t), '@', 2), '');

-- yes, true, ja, 1, t, y, x -> true; no, false, nein, 0, f, n -> false.
create macro yes_no(t) as list_transform([lower(filled(t))], lambda x: case
    when x in ('true', 't', 'yes', 'y', 'ja', 'j', 'wahr', '1', 'x', 'on') then true
    when x in ('false', 'f', 'no', 'n', 'nein', 'falsch', '0', 'off') then false end)[1];

-- The parts of a text such as 17;18 or 17, 18 or ["17","18"], as a list.
create macro parts_of(t) as list_filter(list_transform(
    regexp_split_to_array(regexp_replace(coalesce(t::varchar, ''), '[\[\]{}"]', '', 'g'), '[;,|]'),
    lambda part: trim(part)), lambda part: part != '');

-- ---- numbers

-- A number without its currency, blanks and thousands' marks of another kind; (12) is -12.
create macro bare_number(t) as regexp_replace(regexp_replace(filled(t), '[\s\x{a0}\x{202f}''’€$£¥%]|[A-Za-z]{3}$|^[A-Za-z]{3}', '', 'g'),
    '^\((.*)\)$', '-\1');

-- 1,234.50 -> 1234.5; also 1.5e3.
create macro number_with_point(t) as try_cast(replace(bare_number(t), ',', '') as double);

-- 1.234,50 -> 1234.5
create macro number_with_comma(t) as try_cast(replace(replace(bare_number(t), '.', ''), ',', '.') as double);

-- An amount in the smallest unit of its currency (cents) in its main unit; yen, won and their like have no smaller one.
create macro from_cents(amount, currency) as amount / case when upper(currency) in ('BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW',
    'MGA', 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then 1.0 else 100.0 end;

-- What an amount for `n` intervals (day, week, month, quarter, year and the like) is a month: monthly(1200, 'year', 1) is 100.
create macro monthly(amount, unit, n) as amount / nullif(coalesce(n, 1), 0) * case
    when lower(unit) like 'd%' then 365.0 / 12 when lower(unit) like 'w%' then 365.0 / 7 / 12
    when lower(unit) like 'q%' then 1 / 3.0
    when lower(unit) like 'y%' or lower(unit) like 'ann%' or lower(unit) like 'j%' then 1 / 12.0
    else 1.0 end;

-- The day that lies `k` intervals after `day`; 31 January and one month give 28 or 29 February.
create macro add_intervals(day, unit, k) as (day::date + case
    when lower(unit) like 'd%' then to_days(k::int) when lower(unit) like 'w%' then to_days(7 * k::int)
    when lower(unit) like 'q%' then to_months(3 * k::int)
    when lower(unit) like 'y%' or lower(unit) like 'ann%' or lower(unit) like 'j%' then to_months(12 * k::int)
    else to_months(k::int) end)::date;

-- ---- times: all give UTC without a zone. `zone` counts only for a time that does not say its own.

-- A local time in UTC: an hour that summer time leaves out is taken as the one after, one that comes twice as the later.
create macro to_utc(local_time, zone) as timezone(zone, local_time)::timestamp;

-- 2026-07-04T09:30:00+02:00, 2026-07-04 09:30, 2026-07-04T09:30Z, 2026-07-04 09:30:00.000 UTC
create macro time_iso(t, zone) as list_transform([filled(t)], lambda x: case
    when regexp_matches(x, ':.*[0-9] ?(Z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$') then try_cast(
        regexp_replace(regexp_replace(regexp_replace(x, ' ?(Z|UTC|GMT)$', '+00:00'), '^(\S+[T ][0-9]{1,2}:[0-9]{2}) ?([+-])', '\1:00\2'),
            '([+-][0-9]{2}):?([0-9]{2})$', '\1:\2') as timestamptz)::timestamp
    else to_utc(try_cast(x as timestamp), zone) end)[1];

-- 04.07.2026 09:30:00, 04.07.2026 09:30, 4.7.2026, 04.07.26
-- The blank at the end: where a text is shorter than a format, DuckDB 1.5 reads one sign beyond it, which can end the program
-- (a fault like that of github.com/duckdb/duckdb/issues/25082).
create macro time_day_month_year(t, zone) as to_utc(try_strptime(regexp_replace(filled(t), '[./]', '-', 'g') || ' ', ['%d-%m-%Y %H:%M:%S',
    '%d-%m-%Y %H:%M', '%d-%m-%Y, %H:%M', '%d-%m-%Y', '%d-%m-%y', '%d-%m-%y %H:%M']), zone);

-- 07/04/2026 09:30:00, 07/04/2026 9:30 AM, 7/4/2026, 07/04/26
create macro time_month_day_year(t, zone) as to_utc(try_strptime(regexp_replace(filled(t), '[./]', '-', 'g') || ' ', ['%m-%d-%Y %H:%M:%S',
    '%m-%d-%Y %H:%M', '%m-%d-%Y %I:%M:%S %p', '%m-%d-%Y %I:%M %p', '%m-%d-%Y, %I:%M %p', '%m-%d-%Y', '%m-%d-%y', '%m-%d-%y %H:%M']), zone);

-- Seconds, milliseconds and microseconds since 1970-01-01 00:00 UTC.
create macro time_seconds(t) as make_timestamp((try_cast(filled(t) as double) * 1000000)::bigint);
create macro time_milliseconds(t) as make_timestamp((try_cast(filled(t) as double) * 1000)::bigint);
create macro time_microseconds(t) as make_timestamp(try_cast(filled(t) as double)::bigint);

-- ---- days

-- The day of a UTC time in a zone. Exactly midnight UTC stands for the day itself: so systems write dates.
create macro day_of(utc_time, zone) as list_transform([utc_time::timestamp], lambda x:
    case when date_trunc('day', x) = x then x::date else timezone(zone, x::timestamptz)::date end)[1];

-- The day as written, in the zone that is written with it: 2026-07-04T00:00+02:00 is 4 July. In UTC (Z): the day in `zone`.
create macro day_iso(t, zone) as list_transform([filled(t)], lambda x: case when regexp_matches(x, '([Zz]|UTC|GMT|[+-]00:?00)$')
    then day_of(time_iso(x, 'UTC'), zone) else try_cast(substr(x, 1, 10) as date) end)[1];
create macro day_day_month_year(t) as time_day_month_year(t, 'UTC')::date;
create macro day_month_day_year(t) as time_month_day_year(t, 'UTC')::date;
