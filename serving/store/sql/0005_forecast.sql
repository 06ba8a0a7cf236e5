-- Version 5. The forecast of revenue by quarter, and what came.

create table rind_store.forecast (
    publication bigint not null,
    made_on date not null,
    quarter date not null,
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
    arr_actual double precision
);
create index forecast_by_publication on rind_store.forecast (publication);

create view rind.forecast as
    select p.as_of, f.made_on, f.quarter, f.segment, f.csm, f.accounts, f.arr, f.arr_up_for_renewal, f.arr_leaving,
        f.arr_contraction, f.arr_expansion, f.arr_expected, f.low, f.high, f.arr_naive, f.arr_actual
    from rind_store.forecast f join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.forecast is 'One row per week, day of the forecast, quarter, segment and CSM; money a year';
comment on column rind.forecast.as_of is 'The scoring date of the week';
comment on column rind.forecast.made_on is 'The day of the forecast: only what was known before it counts';
comment on column rind.forecast.quarter is 'The first day of the quarter';
comment on column rind.forecast.segment is 'Segment of the accounts; all: summed over';
comment on column rind.forecast.csm is 'Customer success manager of the accounts; all: summed over';
comment on column rind.forecast.accounts is 'Accounts that pay on the day of the forecast';
comment on column rind.forecast.arr is 'What they pay a year on that day';
comment on column rind.forecast.arr_up_for_renewal is 'The part whose term ends by the end of the quarter';
comment on column rind.forecast.arr_leaving is 'The part that is expected to leave by then';
comment on column rind.forecast.arr_contraction is 'What those that stay are expected to pay less';
comment on column rind.forecast.arr_expansion is 'What those that stay are expected to pay more';
comment on column rind.forecast.arr_expected is 'Expected to be there at the end of the quarter';
comment on column rind.forecast.low is 'Lower end of the 80 % interval of what is expected';
comment on column rind.forecast.high is 'Upper end of that interval';
comment on column rind.forecast.arr_naive is 'The same by the rates of the last quarters that were known';
comment on column rind.forecast.arr_actual is 'What was there; null: not known yet';
