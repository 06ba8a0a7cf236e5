"""The API under /v1 and what machines ask of a server; `registry` lists the endpoints."""
