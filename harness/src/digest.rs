//! SHA-256 over files and texts, to detect changes.

use std::path::Path;

use sha2::{Digest as _, Sha256};

/// A digest under construction.
#[derive(Default)]
pub(crate) struct Digest(Sha256);

impl Digest {
    /// Adds a text, delimited so that it can't run into the next one.
    pub fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    /// Adds a file under `name`.
    ///
    /// # Errors
    ///
    /// When it can't be read.
    pub fn file(&mut self, name: &str, path: &Path) -> std::io::Result<()> {
        let content = std::fs::read(path)?;
        self.text(name);
        self.0.update((content.len() as u64).to_le_bytes());
        self.0.update(&content);
        Ok(())
    }

    /// The digest of a file's content alone.
    ///
    /// # Errors
    ///
    /// When it can't be read.
    pub fn of_content(path: &Path) -> std::io::Result<String> {
        let mut digest = Digest::default();
        std::io::copy(&mut std::fs::File::open(path)?, &mut digest.0)?;
        Ok(digest.finish())
    }

    /// The digest's first 64 bits.
    pub fn number(self) -> u64 {
        let digest = self.0.finalize();
        digest
            .iter()
            .take(8)
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// The digest in hexadecimal digits.
    pub fn finish(self) -> String {
        self.0
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_run_into_the_next_one() {
        let digest = |texts: &[&str]| {
            let mut digest = Digest::default();
            texts.iter().for_each(|text| digest.text(text));
            digest.finish()
        };
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["ab", "c"]), digest(&["ab", "c"]));
        assert_eq!(digest(&[]).len(), 64);
    }
}
