"""Messages to people's WeChat: what they allowed, and what is sent."""
