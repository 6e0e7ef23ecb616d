"""Machines as the metal has them: a BMC, a boot over the network, a disk of their own."""
