"""What happens when processes, servers and clients go away in the middle."""
