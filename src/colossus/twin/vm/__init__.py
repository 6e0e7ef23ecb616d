"""The vm tier of the twin: QEMU machines with kernels of their own, cloned from one template."""
