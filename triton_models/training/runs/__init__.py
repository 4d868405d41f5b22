"""What every training needs around its network: settings, checkpoints, rates, progress, a beginning."""
