"""Quality: the landing contract, the rules of both gates, and their runner. Knows neither Dagster nor dbt."""
