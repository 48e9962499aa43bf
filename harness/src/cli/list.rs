//! `loopmark list`.

use clap::Args;
use comfy_table::{Table, presets::UTF8_HORIZONTAL_ONLY};

use super::exit::Exit;
use super::selection::Selection;
use crate::build;
use crate::framework::{Framework, Kind};
use crate::layout::Layout;

/// Which rows to show.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only these rows, by name; `*` stands for anything [default: all]
    #[arg(short, long = "framework", value_name = "NAME", value_delimiter = ',')]
    frameworks: Vec<String>,
}

pub(super) fn list(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let selection = Selection {
        frameworks: options.frameworks.clone(),
        variants: "all".to_owned(),
    };
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(["Row", "Language", "Kind", "Variants", "Installed"]);
    for framework in selection.frameworks(layout)? {
        let variants: Vec<String> = framework
            .variants
            .iter()
            .map(|variant| format!("{} ({})", variant.name, variant.api))
            .collect();
        table.add_row([
            framework.name.clone(),
            framework.language.name().to_owned(),
            kind(framework.kind).to_owned(),
            variants.join(", "),
            installed(&framework, layout),
        ]);
    }
    println!("{table}");
    Ok(Exit::Good)
}

/// The installed version, or what is in the way.
fn installed(framework: &Framework, layout: &Layout) -> String {
    if let Err(error) = build::check_requirements(&framework.requires) {
        return error.to_string();
    }
    if !build::is_built(framework, layout) {
        return "no: loopmark build".to_owned();
    }
    build::installed_version(framework, layout).unwrap_or_else(|error| error.to_string())
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Ours => "ours",
        Kind::Framework => "framework",
        Kind::Sdk => "sdk",
        Kind::Floor => "floor",
    }
}
