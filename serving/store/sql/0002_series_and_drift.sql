-- Version 2: what the page of an account draws through time, and how far the features moved.

create table rind_store.series (
    publication bigint not null,
    account_id text not null,
    content json not null,
    primary key (publication, account_id)
);

create table rind_store.drift (
    publication bigint not null,
    feature text not null,
    psi double precision,
    primary key (publication, feature)
);

create view rind.series as
    select p.as_of as published_as_of, s.account_id, s.content
    from rind_store.series s join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.series is 'One row per published week and account: a few features through time, for the pages';
comment on column rind.series.published_as_of is 'The week that published it';
comment on column rind.series.account_id is 'The account in the source, as text';
comment on column rind.series.content is 'columns: names, as_of first; data: one list per past date';

create view rind.drift as
    select p.as_of, d.feature, d.psi
    from rind_store.drift d join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.drift is 'One row per week and feature: how far the cohort lies from the year before';
comment on column rind.drift.as_of is 'The scoring date of the week';
comment on column rind.drift.feature is 'The feature';
comment on column rind.drift.psi is 'Population stability index: below 0.1 stable, from 0.25 on another population';
