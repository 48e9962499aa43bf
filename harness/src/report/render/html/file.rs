//! What all pages are made with: their program, their styles, their data, and what a browser may load.

use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The program of a sweep's page, made from `harness/page`.
pub(super) const PAGE: &str = include_str!("../../../../assets/page.js");
/// The program of the history.
pub(super) const HISTORY: &str = include_str!("../../../../assets/history.js");
/// The styles of both.
pub(super) const STYLES: &str = include_str!("../../../../assets/page.css");

/// Nothing but what is in the file, which proves that the page asks no network.
pub(super) fn policy(program: &str) -> String {
    let digest = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        digest(program),
        digest(STYLES)
    )
}

/// JSON, deflated, in letters that no markup has.
pub(super) fn packed(data: &impl Serialize) -> std::io::Result<String> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    serde_json::to_writer(&mut deflate, data)?;
    deflate.flush()?;
    Ok(BASE64_STANDARD.encode(deflate.finish()?))
}
