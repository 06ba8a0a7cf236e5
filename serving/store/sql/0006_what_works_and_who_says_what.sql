-- Version 6. What works, whom to ask, and what customers say, as rows of their own; they are read from the documents.
-- The texts of customers stay with the page that shows them to those who may see the account: no view holds them.
-- The view rind.documents is that of version 1 with one more condition; a script that was applied is never changed.

create function rind_store.objects(part json) returns setof json language sql immutable as
    $$ select o from json_array_elements(case when json_typeof(part) = 'array' then part else '[]' end) as o
       where json_typeof(o) = 'object' $$;

-- Weeks that were published before each document bore the name of its result.
update rind_store.documents d set name = renamed.result
    from (values ('horizons', 'horizon_figures'), ('advocates', 'advocate_list')) as renamed(file, result)
    where d.name = renamed.file and not exists (
        select from rind_store.documents o where o.publication = d.publication and o.name = renamed.result);

create or replace view rind.documents as
    select p.as_of, d.name, d.content
    from rind_store.documents d join rind_store.publications p using (publication)
    where p.superseded_at is null and d.name <> 'voice_texts';
comment on view rind.documents is
    'One row per week and JSON result, whole; but for the texts of customers, which no view holds';

create view rind.effects as
    select p.as_of, e.*
    from rind_store.documents d join rind_store.publications p using (publication)
    cross join lateral rind_store.objects(d.content -> 'effects') as o
    cross join lateral json_to_record(o) as e(
        playbook text, verdict text, reason text, accounts double precision, starts double precision,
        comparable double precision, effect double precision, low double precision, high double precision,
        p_value double precision, raw double precision, placebo_p double precision, mrr_saved double precision,
        mrr_saved_low double precision, mrr_saved_high double precision, cost double precision, roi double precision)
    where p.superseded_at is null and d.name = 'effects';
comment on view rind.effects is 'One row per week and playbook: what it did, against comparable accounts that got none';
comment on column rind.effects.as_of is 'The scoring date of the week';
comment on column rind.effects.playbook is 'The playbook, as in the table interventions';
comment on column rind.effects.verdict is 'helps, harms, none_shown or cannot_tell';
comment on column rind.effects.reason is 'Why it cannot be told: too_few, no_overlap, no_placebo or placebo_fails';
comment on column rind.effects.accounts is 'Accounts that got it and are judged';
comment on column rind.effects.starts is 'How often it was begun with them';
comment on column rind.effects.comparable is 'Accounts that they are compared with';
comment on column rind.effects.effect is 'Difference in the probability of leaving; below 0: it helped';
comment on column rind.effects.low is 'Lower end of the 95 % interval of the effect';
comment on column rind.effects.high is 'Upper end of that interval';
comment on column rind.effects.p_value is 'Of no effect; corrected for the number of playbooks';
comment on column rind.effects.raw is 'The comparison that misleads: the share that left less that of accounts that got none';
comment on column rind.effects.placebo_p is 'Of no difference before the start';
comment on column rind.effects.mrr_saved is 'Revenue a month of the judged starts times the effect; below 0: lost';
comment on column rind.effects.mrr_saved_low is 'Lower end of the 95 % interval of the revenue saved';
comment on column rind.effects.mrr_saved_high is 'Upper end of the interval of the revenue saved';
comment on column rind.effects.cost is 'What the judged starts cost';
comment on column rind.effects.roi is 'A year of the revenue saved less the cost, over the cost';

create view rind.advocates as
    select p.as_of, a.*
    from rind_store.documents d join rind_store.publications p using (publication)
    cross join lateral rind_store.objects(d.content -> 'accounts') as o
    cross join lateral json_to_record(o) as a(
        account_id text, kind text, score double precision, reason text, name text, segment text, csm text,
        mrr double precision)
    where p.superseded_at is null and d.name = 'advocate_list';
comment on view rind.advocates is 'One row per week, account and kind: whom to ask for a reference, or to offer more';
comment on column rind.advocates.as_of is 'The scoring date of the week';
comment on column rind.advocates.account_id is 'The account in the source, as text';
comment on column rind.advocates.kind is 'advocate: ask for a reference; expansion: offer more';
comment on column rind.advocates.score is '0 to 1, within the kind; higher first';
comment on column rind.advocates.reason is 'Why, in words, and what is usual in its segment';
comment on column rind.advocates.name is 'The customer company';
comment on column rind.advocates.segment is 'The segment of the account';
comment on column rind.advocates.csm is 'Who looks after it';
comment on column rind.advocates.mrr is 'What it pays per month';

create view rind.voice as
    select p.as_of, t.*
    from rind_store.documents d join rind_store.publications p using (publication)
    cross join lateral rind_store.objects(d.content -> 'topics') as o
    cross join lateral json_to_record(o) as t(
        topic text, source text, words text, texts double precision, accounts double precision,
        customers double precision, mrr double precision, mrr_at_risk double precision, risk double precision,
        risk_against_comparable double precision, low double precision, high double precision, beyond_chance boolean,
        texts_last_quarter double precision, texts_quarter_before double precision, movement text)
    where p.superseded_at is null and d.name = 'voice_texts';
comment on view rind.voice is 'One row per week, source and topic of what customers say; no text itself';
comment on column rind.voice.as_of is 'The scoring date of the week';
comment on column rind.voice.topic is 'Its name: of this week only; of requests what is asked for';
comment on column rind.voice.source is 'survey, departure or request';
comment on column rind.voice.words is 'The words that set it apart, each said by several accounts';
comment on column rind.voice.texts is 'Texts in which it is said';
comment on column rind.voice.accounts is 'Accounts that said it';
comment on column rind.voice.customers is 'Those of them that are customers today';
comment on column rind.voice.mrr is 'What these accounts pay a month; of those that left, what they paid last';
comment on column rind.voice.mrr_at_risk is 'mrr times churn probability of the customers';
comment on column rind.voice.risk is 'Mean churn probability of the customers';
comment on column rind.voice.risk_against_comparable is 'That mean less that of comparable accounts';
comment on column rind.voice.low is 'Lower end of the 95 % interval of that difference';
comment on column rind.voice.high is 'Upper end of the interval of that difference';
comment on column rind.voice.beyond_chance is 'Whether the difference is beyond chance, over all topics';
comment on column rind.voice.texts_last_quarter is 'Texts of the last 91 days';
comment on column rind.voice.texts_quarter_before is 'Texts of the 91 days before';
comment on column rind.voice.movement is 'rises or falls, beyond chance; empty: neither';
