"""Reports: records of `verdict` in, text or JSON out. Nothing here checks anything."""
