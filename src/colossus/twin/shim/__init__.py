"""What runs inside a twin node: its PID 1 and a stand-in for systemctl. Standard library only."""
