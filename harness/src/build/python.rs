//! Python rows: a virtual environment from a requirements file with hashes, by uv, or by pip where uv can't be had.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{BuildError, run_step};
use crate::framework::Framework;
use crate::layout::Layout;

/// The interpreter that environments are made from.
const PYTHON: &str = "python3";
/// The version of uv that is fetched where none is on the PATH, with its hashes.
const UV: &str = "frameworks/shared/python/uv.txt";

/// Makes `{build}/venv` and installs the requirements, compiled to bytecode: a first start that compiles would be
/// measured as the framework's.
pub(super) fn install(
    framework: &Framework,
    layout: &Layout,
    requirements: &Path,
    on_step: &mut dyn FnMut(&str),
) -> Result<(), BuildError> {
    let venv = layout.build(&framework.name).join("venv");
    if venv.exists() {
        std::fs::remove_dir_all(&venv).map_err(|source| BuildError::Io {
            path: venv.clone(),
            source,
        })?;
    }
    let dir = &framework.dir;
    let venv_python = text(&venv.join("bin/python"));
    let interpreter = real_interpreter(dir)?;
    if is_empty(requirements)? {
        return make_venv(&interpreter, &venv, dir, on_step);
    }
    match find_uv(&interpreter, layout, dir, on_step) {
        Some(uv) => {
            let no_downloads = "--no-python-downloads";
            let make = [
                &uv,
                "venv",
                "--quiet",
                no_downloads,
                "--python",
                &interpreter,
                &text(&venv),
            ];
            run_step(&make.map(str::to_owned), dir, on_step)?;
            let install = [
                &uv,
                "pip",
                "install",
                "--quiet",
                "--require-hashes",
                "--compile-bytecode",
                "--python",
                &venv_python,
                "--requirement",
                &text(requirements),
            ];
            run_step(&install.map(str::to_owned), dir, on_step)?;
        }
        None => {
            make_venv(&interpreter, &venv, dir, on_step)?;
            pip_install(&venv, requirements, dir, on_step)?;
        }
    }
    Ok(())
}

/// Whether a requirements file names no package: a row of the standard library alone.
fn is_empty(requirements: &Path) -> Result<bool, BuildError> {
    let text = std::fs::read_to_string(requirements).map_err(|source| BuildError::Io {
        path: requirements.to_owned(),
        source,
    })?;
    let is_blank = |line: &str| line.trim().is_empty() || line.starts_with('#');
    Ok(text.lines().all(is_blank))
}

/// The interpreter behind `python3`: version managers put a script there, and its processes would be measured too.
pub(super) fn real_interpreter(dir: &Path) -> Result<String, BuildError> {
    let ask = [
        PYTHON,
        "-c",
        "import os, sys; print(os.path.realpath(sys.executable))",
    ];
    run_step(&ask.map(str::to_owned), dir, &mut |_| {}).map(|out| out.trim().to_owned())
}

/// uv from the PATH, or from an environment of its own in the ignored folder; `None` where neither works.
pub(super) fn find_uv(
    interpreter: &str,
    layout: &Layout,
    dir: &Path,
    on_step: &mut dyn FnMut(&str),
) -> Option<String> {
    let works = |uv: &str| {
        Command::new(uv)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if works("uv") {
        return Some("uv".to_owned());
    }
    let venv = layout.builds().join("uv");
    let uv: PathBuf = venv.join("bin/uv");
    if works(&text(&uv)) {
        return Some(text(&uv));
    }
    make_venv(interpreter, &venv, dir, on_step).ok()?;
    pip_install(&venv, &layout.root().join(UV), dir, on_step).ok()?;
    works(&text(&uv)).then(|| text(&uv))
}

fn pip_install(
    venv: &Path,
    requirements: &Path,
    dir: &Path,
    on_step: &mut dyn FnMut(&str),
) -> Result<(), BuildError> {
    let python = text(&venv.join("bin/python"));
    let requirements = text(requirements);
    let options = [
        "--quiet",
        "--require-hashes",
        "--requirement",
        &requirements,
    ];
    let install = [
        &[python.as_str(), "-m", "pip", "install"],
        options.as_slice(),
    ]
    .concat();
    let install: Vec<String> = install.into_iter().map(str::to_owned).collect();
    run_step(&install, dir, on_step).map(drop)
}

fn make_venv(
    interpreter: &str,
    venv: &Path,
    dir: &Path,
    on_step: &mut dyn FnMut(&str),
) -> Result<(), BuildError> {
    let make = [interpreter, "-m", "venv", "--clear", &text(venv)];
    run_step(&make.map(str::to_owned), dir, on_step).map(drop)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
