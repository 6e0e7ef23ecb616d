"""What switches, hosts and other people's tools print about their neighbours, by format; pure."""
