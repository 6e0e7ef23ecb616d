"""The authored model: what operators, catalogue authors and the lock may say."""
