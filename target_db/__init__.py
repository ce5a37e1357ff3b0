"""Singer loaders that leave parsing and casting to the database: ``target-duck``, ``target-pg``."""
