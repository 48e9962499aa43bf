//! Empty: cargo requires a library or a program besides a bench.
