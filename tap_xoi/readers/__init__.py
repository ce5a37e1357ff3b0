"""What reads the streams: lists by window, and reports one by one."""
