"""What interventions did: doubly robust estimates against comparable accounts that got none (`judge.effects`)."""
