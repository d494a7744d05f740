"""The command line: commands, wording, the analyses behind them, and the sample bank."""
