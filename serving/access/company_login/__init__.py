"""The company's own login: OpenID Connect beside the local users.

- ``settings``: the section ``serving.oidc`` of params.yaml;
- ``metadata``: what the provider publishes about itself;
- ``provider``: the requests to the provider;
- ``claims``: who somebody is and which role the groups give;
- ``flows``: the cookie of a sign-in, with state, nonce and PKCE verifier;
- ``tokens``: the provider's tokens, encrypted for the access file;
- ``door``: sign-in, the check once a minute, and sign-out, from these parts.

Why it is done so: docs/adr/0024.
"""
