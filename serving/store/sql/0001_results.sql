-- The results store, version 1. People and tools read the views of schema rind; schema rind_store belongs to Rind.
--
-- A publication is one run of `rind publish`. A week that is published again gets a new publication; the rows of the
-- old one stay for some minutes more, for readers that have begun to read them. The views show current ones only.
-- The big tables have no foreign key: a check for each of a million rows would cost more than the copy itself.

create schema rind;
create schema rind_store;

create table rind_store.schema_version (
    version integer primary key,
    applied_at timestamptz not null default clock_timestamp()
);

create table rind_store.publications (
    publication bigint generated always as identity primary key,
    as_of date not null,
    digest text not null,
    published_at timestamptz not null default clock_timestamp(),
    superseded_at timestamptz,
    data_end date,
    horizon_days integer,
    company text,
    model_name text,
    model_version text,
    accounts integer not null
);
create unique index one_current_publication_a_week on rind_store.publications (as_of) where superseded_at is null;

create table rind_store.risk_list (
    publication bigint not null,
    rank integer not null,
    account_id text not null,
    name text,
    segment text,
    csm text,
    mrr double precision,
    term_ends_on date,
    churn_probability double precision not null,
    risk_band text not null,
    mrr_at_risk double precision,
    health_score double precision,
    health_band text,
    watermelon boolean,
    reason_1 text,
    reason_2 text,
    reason_3 text,
    playbook text,
    rank_change integer,
    more json,
    primary key (publication, account_id)
);
create index risk_list_by_account on rind_store.risk_list (account_id);

create table rind_store.previous_list (
    publication bigint not null,
    as_of date not null,
    rank integer not null,
    account_id text not null,
    name text,
    segment text,
    csm text,
    mrr double precision,
    term_ends_on date,
    churn_probability double precision not null,
    risk_band text not null,
    mrr_at_risk double precision,
    health_score double precision,
    health_band text,
    watermelon boolean,
    more json,
    primary key (publication, account_id)
);

create table rind_store.explanations (
    publication bigint not null,
    account_id text not null,
    feature text not null,
    family text not null,
    value double precision,
    value_text text,
    shap_value double precision not null,
    base_value double precision,
    margin double precision
);
create index explanations_by_account on rind_store.explanations (publication, account_id);

create table rind_store.backtest (
    publication bigint not null,
    account_id text not null,
    as_of date not null,
    fold integer,
    trained_as_of date,
    churn_probability double precision,
    health_score double precision,
    health_band text,
    watermelon boolean,
    churned double precision,
    days_to_churn double precision,
    mrr double precision,
    more json
);
create index backtest_by_account on rind_store.backtest (publication, account_id);

create table rind_store.adoption (
    publication bigint not null,
    account_id text not null,
    adoption_probability double precision,
    next_step text,
    segment text,
    age_days integer,
    basis text,
    moment_status text,
    days_left integer,
    more json,
    primary key (publication, account_id)
);

create table rind_store.metrics (
    publication bigint not null,
    scorer text not null,
    metric text not null,
    value double precision,
    low double precision,
    high double precision,
    primary key (publication, scorer, metric)
);

create table rind_store.health_weights (
    publication bigint not null,
    family text not null,
    current_weight double precision,
    proposed_weight double precision,
    primary key (publication, family)
);

create table rind_store.moments (
    publication bigint not null,
    position integer not null,
    segment text,
    feature text,
    count double precision,
    within_days integer,
    reached integer,
    not_reached integer,
    retention_reached double precision,
    retention_not_reached double precision,
    p_value double precision,
    confirmed boolean,
    more json,
    primary key (publication, position)
);

create table rind_store.documents (
    publication bigint not null,
    name text not null,
    content json not null,
    primary key (publication, name)
);

create table rind_store.curves (
    publication bigint not null,
    name text not null,
    content json not null,
    primary key (publication, name)
);

create view rind.weeks as
    select as_of, published_at, data_end, horizon_days, company, model_name, model_version, accounts
    from rind_store.publications where superseded_at is null;
comment on view rind.weeks is 'One row per published week';
comment on column rind.weeks.as_of is 'The scoring date: the day at whose 00:00 UTC the week stands';
comment on column rind.weeks.published_at is 'When the week was published, for the last time';
comment on column rind.weeks.data_end is 'The last day that the source covered';
comment on column rind.weeks.horizon_days is 'Probabilities are those of churn within so many days after as_of';
comment on column rind.weeks.company is 'Whose accounts these are';
comment on column rind.weeks.model_name is 'The model that scored, by its name in MLflow';
comment on column rind.weeks.model_version is 'Its version';
comment on column rind.weeks.accounts is 'Accounts on the list';

create view rind.risk_list as
    select p.as_of, r.rank, r.account_id, r.name, r.segment, r.csm, r.mrr, r.term_ends_on, r.churn_probability,
        r.risk_band, r.mrr_at_risk, r.health_score, r.health_band, r.watermelon, r.reason_1, r.reason_2, r.reason_3,
        r.playbook, r.rank_change, r.more
    from rind_store.risk_list r join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.risk_list is 'One row per week and account of the cohort';
comment on column rind.risk_list.as_of is 'The scoring date of the week';
comment on column rind.risk_list.rank is '1 is the account most likely to leave';
comment on column rind.risk_list.account_id is 'The account in the source, as text';
comment on column rind.risk_list.name is 'The customer company';
comment on column rind.risk_list.segment is 'The account''s segment';
comment on column rind.risk_list.csm is 'Who looks after the account';
comment on column rind.risk_list.mrr is 'What it pays a month, in the currency of the source';
comment on column rind.risk_list.term_ends_on is 'Day on which the present term ends';
comment on column rind.risk_list.churn_probability is 'Probability of churn within the horizon, 0 to 1';
comment on column rind.risk_list.risk_band is 'red, amber or green by the probability';
comment on column rind.risk_list.mrr_at_risk is 'mrr times churn_probability: the monthly loss to expect';
comment on column rind.risk_list.health_score is '0 to 100, higher is healthier';
comment on column rind.risk_list.health_band is 'red, amber or green by the health score';
comment on column rind.risk_list.watermelon is 'Green by its health score, flagged by the model';
comment on column rind.risk_list.reason_1 is 'The fact that moved the score most, in words';
comment on column rind.risk_list.reason_2 is 'The next one, on another matter';
comment on column rind.risk_list.reason_3 is 'The third one';
comment on column rind.risk_list.playbook is 'What to do next';
comment on column rind.risk_list.rank_change is 'Places moved up since the date before (minus: down); null for a new account';
comment on column rind.risk_list.more is 'Further columns of risk_list.parquet by name';

create view rind.watermelons as
    select as_of, rank, account_id, name, segment, csm, mrr, term_ends_on, churn_probability, mrr_at_risk,
        health_score, reason_1, playbook
    from rind.risk_list where watermelon;
comment on view rind.watermelons is 'One row per week and account that is green outside and red inside; columns as in risk_list';

create view rind.latest_risk_list as
    select * from rind.risk_list where as_of = (select max(as_of) from rind.weeks);
comment on view rind.latest_risk_list is 'risk_list of the latest week';

create view rind.explanations as
    select p.as_of, e.account_id, e.feature, e.family, e.value, e.value_text, e.shap_value, e.base_value, e.margin
    from rind_store.explanations e join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.explanations is 'One row per week, account and feature: what moved the score, and by how much';
comment on column rind.explanations.as_of is 'The scoring date of the week';
comment on column rind.explanations.account_id is 'The account in the source, as text';
comment on column rind.explanations.feature is 'family__what__window, as in the catalogue (rind features)';
comment on column rind.explanations.family is 'usage, tickets, contacts, surveys, engagement, commercial ...';
comment on column rind.explanations.value is 'The feature''s value, where it is a number';
comment on column rind.explanations.value_text is 'The feature''s value, where it is a text';
comment on column rind.explanations.shap_value is 'Its part in the margin, in log-odds; above 0 speaks for leaving';
comment on column rind.explanations.base_value is 'The margin before anything is known of the account';
comment on column rind.explanations.margin is 'base_value plus all shap_values: the log-odds of churn';

create view rind.history as
    select p.as_of as published_as_of, b.account_id, b.as_of, b.fold, b.trained_as_of, b.churn_probability,
        b.health_score, b.health_band, b.watermelon, b.churned, b.days_to_churn, b.mrr, b.more
    from rind_store.backtest b join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.history is 'One row per published week, account and past date: the backtest, out of sample';
comment on column rind.history.published_as_of is 'The week that published this backtest; take one, the latest as a rule';
comment on column rind.history.account_id is 'The account in the source, as text';
comment on column rind.history.as_of is 'The past date that was scored';
comment on column rind.history.fold is 'Number of the training that scored it';
comment on column rind.history.trained_as_of is 'The date until which that training knew anything';
comment on column rind.history.churn_probability is 'What was said then, 0 to 1';
comment on column rind.history.health_score is 'The health score as it stood then';
comment on column rind.history.health_band is 'red, amber or green by that score';
comment on column rind.history.watermelon is 'Green then, and flagged by the model';
comment on column rind.history.churned is '1 left within the horizon, 0 did not, null is not known yet';
comment on column rind.history.days_to_churn is 'Days until it left; null where that has not been seen';
comment on column rind.history.mrr is 'What it paid a month then';
comment on column rind.history.more is 'Further columns of backtest.parquet by name';

create view rind.adoption as
    select p.as_of, a.account_id, a.adoption_probability, a.next_step, a.segment, a.age_days, a.basis,
        a.moment_status, a.days_left, a.more
    from rind_store.adoption a join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.adoption is 'One row per week and young account';
comment on column rind.adoption.as_of is 'The scoring date of the week';
comment on column rind.adoption.account_id is 'The account in the source, as text';
comment on column rind.adoption.adoption_probability is 'How likely it is to be there after its first year, 0 to 1';
comment on column rind.adoption.next_step is 'What to do next, in words';
comment on column rind.adoption.segment is 'The account''s segment';
comment on column rind.adoption.age_days is 'Days since it began';
comment on column rind.adoption.basis is 'Where the probability comes from';
comment on column rind.adoption.moment_status is 'Whether the moment of its segment is reached, open or missed';
comment on column rind.adoption.days_left is 'Days in which it can still be reached';
comment on column rind.adoption.more is 'Further columns of adoption.parquet by name';

create view rind.metrics as
    select p.as_of, m.scorer, m.metric, m.value, m.low, m.high
    from rind_store.metrics m join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.metrics is 'One row per week, scorer and measure, out of sample';
comment on column rind.metrics.as_of is 'The scoring date of the week';
comment on column rind.metrics.scorer is 'model, baseline, boosting; watermelons for their record';
comment on column rind.metrics.metric is 'auc, average_precision, brier, lift_at_10pct, calibration_slope ...';
comment on column rind.metrics.value is 'The estimate';
comment on column rind.metrics.low is 'Lower end of the 95 % interval, by account; null where none was computed';
comment on column rind.metrics.high is 'Upper end';

create view rind.health_weights as
    select p.as_of, h.family, h.current_weight, h.proposed_weight
    from rind_store.health_weights h join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.health_weights is 'One row per week and family: the weights of the health score; evidence in documents';
comment on column rind.health_weights.as_of is 'The scoring date of the week';
comment on column rind.health_weights.family is 'The family of features';
comment on column rind.health_weights.current_weight is 'Its weight today; all sum to 100';
comment on column rind.health_weights.proposed_weight is 'The weight that the past proposes; all sum to 100';

create view rind.true_north as
    select p.as_of, m.position, m.segment, m.feature, m.count, m.within_days, m.reached, m.not_reached,
        m.retention_reached, m.retention_not_reached, m.p_value, m.confirmed, m.more
    from rind_store.moments m join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.true_north is 'One row per week and moment; none where none stands';
comment on column rind.true_north.as_of is 'The scoring date of the week';
comment on column rind.true_north.position is 'Place in the list, from 1';
comment on column rind.true_north.segment is 'The segment for which it was searched';
comment on column rind.true_north.feature is 'The early behaviour';
comment on column rind.true_north.count is 'How often';
comment on column rind.true_north.within_days is 'Within so many days of the start';
comment on column rind.true_north.reached is 'Accounts that reached it';
comment on column rind.true_north.not_reached is 'Accounts that did not';
comment on column rind.true_north.retention_reached is 'Share of the first that stayed';
comment on column rind.true_north.retention_not_reached is 'Share of the others that stayed';
comment on column rind.true_north.p_value is 'Corrected for the search';
comment on column rind.true_north.confirmed is 'On later cohorts, which took no part in the search';
comment on column rind.true_north.more is 'Further facts of the moment by name';

create view rind.documents as
    select p.as_of, d.name, d.content
    from rind_store.documents d join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.documents is 'One row per week and JSON result, whole';
comment on column rind.documents.as_of is 'The scoring date of the week';
comment on column rind.documents.name is 'run, metrics, health_score, true_north, catalogue';
comment on column rind.documents.content is 'The file as it was written';
