"""How a target is reached: SSH, Redfish, this machine, or the fake one."""
