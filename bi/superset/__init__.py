"""The board in Apache Superset: its data sets, charts and dashboards, who may read what, and how it is served."""
