-- Version 3. What happened with each account, for the timeline of its page.

create table rind_store.timeline (
    publication bigint not null,
    account_id text not null,
    happened_on date not null,
    kind text not null,
    detail text,
    number double precision,
    ended_on date
);
create index timeline_by_account on rind_store.timeline (publication, account_id);

create view rind.timeline as
    select p.as_of, t.account_id, t.happened_on, t.kind, t.detail, t.number, t.ended_on
    from rind_store.timeline t join rind_store.publications p using (publication) where p.superseded_at is null;
comment on view rind.timeline is 'One row per week, account and event of the year before';
comment on column rind.timeline.as_of is 'The scoring date of the week';
comment on column rind.timeline.account_id is 'The account in the source, as text';
comment on column rind.timeline.happened_on is 'The day on which it happened';
comment on column rind.timeline.kind is 'ticket, answer, term, notice, term_end, intervention or person_left';
comment on column rind.timeline.detail is 'Priority and category, kind of survey, plan, playbook, or level of the person';
comment on column rind.timeline.number is 'The score of an answer, the mrr of a term, the cost of an intervention';
comment on column rind.timeline.ended_on is 'When a ticket was solved or an intervention ended; the agreed end of a term';
