//! What was found, and what to do about it.

/// What was found in one respect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// As it should be.
    Fit(String),
    /// Figures will be noisier than they need be; what to do.
    Doubtful(String, String),
    /// Something can't be measured; what to do.
    Unfit(String, String),
}

impl Finding {
    /// Doubtful unless it is fit; what to do if it isn't.
    pub fn fit_if(is_fit: bool, what: String, remedy: &str) -> Finding {
        if is_fit {
            Finding::Fit(what)
        } else {
            Finding::Doubtful(what, remedy.to_owned())
        }
    }
}
