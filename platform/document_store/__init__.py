"""Small JSON documents (devices, organisations, keys, cursors) behind one interface."""
