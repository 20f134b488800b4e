"""OpenAPI documents: read strictly, and compiled to models and typed calls."""
