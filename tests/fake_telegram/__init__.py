"""A Bot API server on loopback, for the real client: strict about what it is sent, and with troubles on request."""
