"""The results where people look: pages, an API, a results store and deliveries."""
