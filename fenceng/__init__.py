"""What a person asks: the commands, their words, the analyses behind them, and the made-up bank."""
