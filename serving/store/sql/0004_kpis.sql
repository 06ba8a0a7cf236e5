-- Version 4. The numbers of customer success, month by month.

create table rind_store.kpis (
    publication bigint not null,
    month date not null,
    segment text not null,
    csm text not null,
    plan text not null,
    metric text not null,
    value double precision not null,
    numerator double precision,
    denominator double precision
);
create index kpis_by_publication on rind_store.kpis (publication);

create view rind.kpis as
    select p.as_of, k.month, k.segment, k.csm, k.plan, k.metric, k.value, k.numerator, k.denominator
    from rind_store.kpis k join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.kpis is 'One row per week, month, segment, CSM, plan and metric';
comment on column rind.kpis.as_of is 'The scoring date of the week';
comment on column rind.kpis.month is 'The first day of the month';
comment on column rind.kpis.segment is 'Segment of the accounts; all: summed over';
comment on column rind.kpis.csm is 'Customer success manager of the accounts; all: summed over';
comment on column rind.kpis.plan is 'Plan of the accounts when the month began; all: summed over';
comment on column rind.kpis.metric is 'mrr_start, mrr_new, nrr, nps, clv and others; the page of the numbers defines each';
comment on column rind.kpis.value is 'The number: a sum, or the numerator over the denominator';
comment on column rind.kpis.numerator is 'What is divided, or the sum itself';
comment on column rind.kpis.denominator is 'By what it is divided; null: by nothing';
