"""What a drill does to a stack beside killing: freezes, second workers, a store that is away, an upload."""
