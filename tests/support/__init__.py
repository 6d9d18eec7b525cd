"""What tests stand on: private servers, databases of their own, a real browser. Nothing is faked."""
