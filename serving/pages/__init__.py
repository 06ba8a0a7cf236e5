"""The pages that people open, their templates, styles and scripts; `registry` lists them."""
