"""What was done here and what there is to find: actions, search, alerts, dossiers."""
