"""FIWARE's IoT Agent for JSON and for Ultralight 2.0, as devices and provisioners know them."""
