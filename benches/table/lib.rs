//! Nothing: cargo wants a library or a program beside a bench.
