"""Processes kept running: started, watched, started again, ended, with nothing left over."""
