"""Files inside the machines: their first stage, the agent behind `Machine.exec`, identity."""
