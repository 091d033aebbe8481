"""Pictures in, pictures out: files, web addresses and arrays; photos and paintings to start with."""
