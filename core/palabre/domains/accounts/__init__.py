"""Connected accounts, the grants behind them, and the attempts to connect."""
