"""What the operator writes, as frozen pydantic models; nothing here has an effect."""
