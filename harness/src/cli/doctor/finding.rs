//! What a check found, and what to do about it.

/// The result of one check, and for all but [`Finding::Fit`] what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// As it should be.
    Fit(String),
    /// Figures will be noisier than they need to be.
    Doubtful(String, String),
    /// Something can't be measured.
    Unfit(String, String),
}

impl Finding {
    /// Fit, or doubtful with `remedy` as what to do.
    pub fn fit_if(is_fit: bool, what: String, remedy: &str) -> Finding {
        if is_fit {
            Finding::Fit(what)
        } else {
            Finding::Doubtful(what, remedy.to_owned())
        }
    }
}
