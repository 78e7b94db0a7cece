"""The assistant as others on the broker see it: a device, its topics, what it may be told."""
