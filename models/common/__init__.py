"""What every room of models uses: keys and dates, folds, known outcomes, survival, intervals by account."""
