"""The command `fenceng explain`: why a customer has his tier, class, maintainer and duties."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fenceng.options import Lang
from fenceng.terminal import err, out, settings_for, wrong_use


def explain(
    customer: Annotated[str, typer.Argument(help="Customer id, as in marts.fct_customer_tier_monthly.")],
    month: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m"], help="Policy month; the customer's newest by default.")
    ] = None,
    lang: Annotated[Lang, typer.Option(help="Language of the explanation.")] = Lang.EN,
    output: Annotated[Path | None, typer.Option(help="Output folder; FENCENG_OUTPUT or var/output by default.")] = None,
) -> None:
    """Say why a customer has his tier, class, maintainer and duties, by the published evidence."""
    from fenceng.analysis.explanation import ContradictionError, ExplanationError, explanation_of
    from fenceng.words.explanation import print_explanation
    from orchestration.store.releases import current_release

    settings = settings_for(output=output)
    release = current_release(settings.published)
    if release is None:
        err.print(f"nothing is published in {settings.output} yet; `fenceng refresh` does that")
        raise typer.Exit(1)
    try:
        found = explanation_of(release, customer, month.date() if month else None)
    except ExplanationError as error:
        raise wrong_use(str(error)) from None
    except ContradictionError as error:
        err.print(f"fenceng: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    print_explanation(out, found, lang)
