"""Pages of the clients: their contacts and care, import, names in ticket systems; a contact's opting out."""
