"""How registries are asked and what their answers mean; no network here."""
