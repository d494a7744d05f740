"""The command `fenceng explain`: why a customer has its tier, class, maintainer and duties."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from fenceng.options import Lang, Language, Output
from fenceng.terminal import err, out, settings_for, wrong_use


def explain(
    customer: Annotated[str, typer.Argument(help="Customer id, as in marts.fct_customer_tier_monthly.")],
    month: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], help="Policy month; the customer's newest by default.")
    ] = None,
    lang: Language = Lang.EN,
    output: Output = None,
) -> None:
    """Explain a customer's tier, class, maintainer and duties from the published evidence."""
    from fenceng.analysis.explanation import ContradictionError, explanation_of
    from fenceng.analysis.replay import ReplayError
    from fenceng.words.explanation import print_explanation
    from orchestration.store.releases import release_in_force

    release = release_in_force(settings_for(output=output))
    try:
        found = explanation_of(release, customer, month.date() if month else None)
    except ReplayError as error:
        raise wrong_use(str(error)) from None
    except ContradictionError as error:
        err.print(f"fenceng: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    print_explanation(out, found, lang.value)
