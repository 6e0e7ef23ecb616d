"""From a site to every rack, device, port, link, cable run, address and name; pure."""
