"""The command line: parse, call, print. Knows every wing, and no other wing knows it."""
