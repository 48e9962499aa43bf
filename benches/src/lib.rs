//! What the bench targets share.
