"""Devices as their operators handle them: lists to import and export, frames, silence, credentials."""
