//! What is left out of a line: fields that have their usual value.

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde gives a reference to skip_serializing_if"
)]
pub(crate) fn is_false(value: &bool) -> bool {
    !value
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde gives a reference to skip_serializing_if"
)]
pub(crate) fn is_zero(value: &u32) -> bool {
    *value == 0
}

pub(crate) fn one() -> u32 {
    1
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde gives a reference to skip_serializing_if"
)]
pub(crate) fn is_one(value: &u32) -> bool {
    *value == 1
}
