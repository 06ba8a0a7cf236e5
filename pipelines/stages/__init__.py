"""One module a step. Each has ``run(space, params, progress)``; dvc.yaml and `rind run` call the same."""
