//! The rows of a sweep, for comparing them.

use loopmark_protocol::Api;

use crate::framework::{DEFAULT_VARIANT, Kind, Language};
use crate::plan::RowKey;

/// What must be known of a row to compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row.
    pub key: RowKey,
    /// The API that it speaks.
    pub api: Api,
    /// The language.
    pub language: Language,
    /// What the row stands for.
    pub kind: Kind,
}

/// The floor of a language for rows of this API, like with like: its variant of that API (of several, the default one),
/// else its default variant.
pub(crate) fn floor_of(rows: &[Row], language: Language, api: Api) -> Option<&Row> {
    let floors = rows.iter();
    let floors = floors.filter(|row| row.kind == Kind::Floor && row.language == language);
    let of_api = floors.clone().filter(|row| row.api == api);
    let default = |row: &&Row| row.key.variant == DEFAULT_VARIANT;
    let first_of_api = of_api.clone().next();
    of_api
        .clone()
        .find(default)
        .or(first_of_api)
        .or_else(|| floors.clone().find(default))
}
