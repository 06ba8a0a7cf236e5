-- Version 4. `provider_session` is the provider's own id of the session that let somebody in (`sid` of the ID token), ''
-- where it named none: by it the provider says which session it has ended (back-channel logout).

ALTER TABLE company_sessions ADD COLUMN provider_session TEXT NOT NULL DEFAULT '';
CREATE INDEX company_sessions_subject ON company_sessions (subject);
CREATE INDEX company_sessions_provider ON company_sessions (provider_session);
