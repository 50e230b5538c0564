"""Commands to FIWARE's devices: who takes which, and their way there."""
