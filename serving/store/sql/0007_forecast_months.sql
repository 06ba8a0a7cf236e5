-- Version 7. The forecast by month, and what of the revenue renews, shrinks and grows.
-- rind_store.forecast_months is made like rind_store.forecast of version 5; a script that was applied is never changed.

alter table rind_store.forecast
    add column expected_to_renew double precision,
    add column expected_to_contract double precision,
    add column expected_to_expand double precision,
    add column arr_at_risk double precision,
    add column grr double precision,
    add column nrr double precision;

create or replace view rind.forecast as
    select p.as_of, f.made_on, f.quarter, f.segment, f.csm, f.accounts, f.arr, f.arr_up_for_renewal, f.arr_leaving,
        f.arr_contraction, f.arr_expansion, f.arr_expected, f.low, f.high, f.arr_naive, f.arr_actual,
        f.expected_to_renew, f.expected_to_contract, f.expected_to_expand, f.arr_at_risk, f.grr, f.nrr
    from rind_store.forecast f join rind_store.publications p using (publication) where p.superseded_at is null;
comment on column rind.forecast.expected_to_renew is 'The part of what is up for renewal that is expected to stay';
comment on column rind.forecast.expected_to_contract is 'ARR of those that stay and are expected to pay clearly less; null: too few ever did';
comment on column rind.forecast.expected_to_expand is 'ARR of those that stay and are expected to pay clearly more; null: too few ever did';
comment on column rind.forecast.arr_at_risk is 'What is expected to be lost, by leaving and by paying less';
comment on column rind.forecast.grr is 'Gross revenue retention expected: what is not lost, as a share of arr';
comment on column rind.forecast.nrr is 'Net revenue retention expected: what is there at the end, as a share of arr';

create table rind_store.forecast_months (
    publication bigint not null,
    made_on date not null,
    month date not null,
    segment text not null,
    csm text not null,
    accounts double precision not null,
    arr double precision not null,
    arr_up_for_renewal double precision not null,
    arr_leaving double precision not null,
    arr_contraction double precision not null,
    arr_expansion double precision not null,
    arr_expected double precision not null,
    low double precision not null,
    high double precision not null,
    arr_naive double precision,
    arr_actual double precision,
    expected_to_renew double precision,
    expected_to_contract double precision,
    expected_to_expand double precision,
    arr_at_risk double precision,
    grr double precision,
    nrr double precision
);
create index forecast_months_by_publication on rind_store.forecast_months (publication);

create view rind.forecast_months as
    select p.as_of, f.made_on, f.month, f.segment, f.csm, f.accounts, f.arr, f.arr_up_for_renewal, f.arr_leaving,
        f.arr_contraction, f.arr_expansion, f.arr_expected, f.low, f.high, f.arr_naive, f.arr_actual,
        f.expected_to_renew, f.expected_to_contract, f.expected_to_expand, f.arr_at_risk, f.grr, f.nrr
    from rind_store.forecast_months f join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.forecast_months is 'One row per week, day of the forecast, month, segment and CSM; money a year, counted from that day on';
comment on column rind.forecast_months.as_of is 'The scoring date of the week';
comment on column rind.forecast_months.made_on is 'The day of the forecast: only what was known before it counts';
comment on column rind.forecast_months.month is 'The first day of the month';
comment on column rind.forecast_months.segment is 'Segment of the accounts; all: summed over';
comment on column rind.forecast_months.csm is 'Customer success manager of the accounts; all: summed over';
comment on column rind.forecast_months.accounts is 'Accounts that pay on the day of the forecast';
comment on column rind.forecast_months.arr is 'What they pay a year on that day';
comment on column rind.forecast_months.arr_up_for_renewal is 'The part whose term ends by the end of the month';
comment on column rind.forecast_months.arr_leaving is 'The part that is expected to leave by then';
comment on column rind.forecast_months.arr_contraction is 'What those that stay are expected to pay less';
comment on column rind.forecast_months.arr_expansion is 'What those that stay are expected to pay more';
comment on column rind.forecast_months.arr_expected is 'Expected to be there at the end of the month';
comment on column rind.forecast_months.low is 'Lower end of the 80 % interval of what is expected';
comment on column rind.forecast_months.high is 'Upper end of that interval';
comment on column rind.forecast_months.arr_naive is 'The same by the rates of the last quarters that were known';
comment on column rind.forecast_months.arr_actual is 'What was there; null: not known yet';
comment on column rind.forecast_months.expected_to_renew is 'The part of what is up for renewal that is expected to stay';
comment on column rind.forecast_months.expected_to_contract is 'ARR of those that stay and are expected to pay clearly less; null: too few ever did';
comment on column rind.forecast_months.expected_to_expand is 'ARR of those that stay and are expected to pay clearly more; null: too few ever did';
comment on column rind.forecast_months.arr_at_risk is 'What is expected to be lost, by leaving and by paying less';
comment on column rind.forecast_months.grr is 'Gross revenue retention expected: what is not lost, as a share of arr';
comment on column rind.forecast_months.nrr is 'Net revenue retention expected: what is there at the end, as a share of arr';
