// The demo shop: small programs with nothing but the standard library.
module flotilla.dev/examples/shop

go 1.26.0
