"""The five streams: keys, columns, what reads them, and where giosg documents them."""
