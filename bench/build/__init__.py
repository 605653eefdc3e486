"""Whole builds, measured: how fast, in how much memory, how they grow, beside `oxigraph load` and what users pick instead."""
