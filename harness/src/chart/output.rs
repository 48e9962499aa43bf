//! A chart that was drawn, and how a page shows it.

use super::draw::shapes::Picture;

/// A chart that was drawn, as `<name>.svg`, and as `<name>.png` where that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartFile {
    /// The files' name, without extension.
    pub name: String,
    /// What is shown, and at which level.
    pub title: String,
    /// How to read it, in a sentence or two.
    pub caption: String,
}

/// A chart that is laid out.
pub(super) struct Chart {
    pub file: ChartFile,
    pub picture: Picture,
}

/// The charts as part of a README that has them in the folder `place`, seen from it.
pub fn markdown(charts: &[ChartFile], place: &str) -> String {
    let charts: Vec<String> = charts
        .iter()
        .map(|chart| {
            let ChartFile {
                name,
                title,
                caption,
            } = chart;
            format!("![{title}]({place}/{name}.svg)\n\n{caption}\n")
        })
        .collect();
    charts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_embeds_charts_by_relative_path() {
        let chart = |name: &str| ChartFile {
            name: name.to_owned(),
            title: format!("The {name}"),
            caption: "How to read it.".to_owned(),
        };
        assert_eq!(
            markdown(&[chart("cpu"), chart("memory")], "charts"),
            "![The cpu](charts/cpu.svg)\n\nHow to read it.\n\n\
             ![The memory](charts/memory.svg)\n\nHow to read it.\n"
        );
    }
}
