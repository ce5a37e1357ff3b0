"""Files of a vendor, kept in a folder or a bucket."""
