"""Worker threads that fetch ahead, in the serial order, within bounded memory."""
