"""Publications: a piece's frozen version on an account, from schedule to permalink."""
