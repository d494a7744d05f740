import typer
assign_app = typer.Typer()
@assign_app.command()
def propose() -> None: ...
