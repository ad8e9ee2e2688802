raise SystemExit("only for training")
