//! Where a new row is created.

use std::path::{Path, PathBuf};

use super::error::{ScaffoldError, io, wrong};
use crate::framework::Kind;
use crate::layout::Layout;

/// The row's folder, and the path from there to the shared sides.
pub struct Place {
    /// The row's folder.
    pub folder: PathBuf,
    /// The row's name, which is the folder's.
    pub name: String,
    /// The path from the folder to `frameworks/shared`.
    shared: String,
    /// Whether it is one of the checkout's own rows.
    pub is_own: bool,
}

impl Place {
    pub(super) fn of(row: &Path, layout: &Layout) -> Result<Place, ScaffoldError> {
        let is_bare = row.components().count() == 1 && !row.is_absolute() && !is_dotted(row);
        let folder = if is_bare {
            layout.frameworks().join(row)
        } else {
            let path = std::path::absolute(row).map_err(io(row))?;
            // The folder does not exist yet, but its parent must be canonical: through a symbolic link, `..` would not
            // lead back to the shared sides.
            let (parent, name) = (path.parent().unwrap_or(&path), path.file_name());
            let parent = std::fs::canonicalize(parent)
                .map_err(|error| wrong(format!("{}: {error}", parent.display())))?;
            parent.join(name.unwrap_or_default())
        };
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let frameworks = layout.frameworks();
        let frameworks = std::fs::canonicalize(&frameworks).map_err(io(&frameworks))?;
        let is_own = is_bare || folder.parent() == Some(frameworks.as_path());
        let shared = if is_own {
            "../shared".to_owned()
        } else {
            let shared = relative(&frameworks.join("shared"), &folder);
            shared.to_string_lossy().into_owned()
        };
        Ok(Place {
            name: name.into_owned(),
            folder,
            shared,
            is_own,
        })
    }

    /// A template's text with this row's name and label, and with the path to the shared sides.
    pub(super) fn fill(&self, template: &str, kind: Kind, label: &str) -> String {
        let kind = format!("kind = \"{}\"", kind.word());
        let text = template
            .replace("loopmark-floor-typescript", "loopmark-@name@")
            .replace("kind = \"framework\"", &kind)
            .replace("@name@", &self.name)
            .replace("@label@", label);
        if self.is_own {
            return text;
        }
        let python = format!("parent / \"{}\"", self.shared);
        let docs = format!("{}/../../docs", self.shared);
        text.replace("../shared", &self.shared)
            .replace("parents[1] / \"shared\"", &python)
            .replace("../../docs", &docs)
    }
}

fn is_dotted(row: &Path) -> bool {
    let text = row.to_string_lossy();
    text.starts_with('.') || text.ends_with('/')
}

/// The relative path from one absolute folder to another.
fn relative(to: &Path, from: &Path) -> PathBuf {
    let common = to
        .components()
        .zip(from.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = from.components().skip(common).map(|_| "..");
    let down = to.components().skip(common);
    up.map(PathBuf::from)
        .chain(down.map(|part| PathBuf::from(part.as_os_str())))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::relative;

    #[test]
    fn a_row_elsewhere_finds_its_way_to_the_shared_sides() {
        let way = |to: &str, from: &str| relative(Path::new(to), Path::new(from));
        let shared = "/home/me/loopmark/frameworks/shared";
        assert_eq!(
            way(shared, "/home/me/toy"),
            Path::new("../loopmark/frameworks/shared")
        );
        assert_eq!(
            way(shared, "/home/me/loopmark/frameworks/toy"),
            Path::new("../shared")
        );
        assert_eq!(
            way(shared, "/toy"),
            Path::new("../home/me/loopmark/frameworks/shared")
        );
    }
}
