"""The help centre: short pages in Markdown (docs/guide/help), their search, and terms explained in place."""
