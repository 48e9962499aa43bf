//! Python rows: a virtual environment from a requirements file with hashes, by uv, or by pip where uv can't be had.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::BuildError;
use super::step::Bench;
use crate::layout::Layout;

/// The folder of the environment in a row's build folder.
pub(super) const VENV: &str = "venv";

/// The interpreter that environments are made from.
const PYTHON: &str = "python3";
/// The version of uv that is fetched where none is on the PATH, with its hashes.
const UV: &str = "frameworks/shared/python/uv.txt";

/// Makes `{build}/venv` and installs the requirements, compiled to bytecode: a first start that compiles would be
/// measured as the framework's.
pub(super) fn install(
    requirements: &Path,
    build: &Path,
    layout: &Layout,
    bench: &mut Bench,
) -> Result<(), BuildError> {
    let venv = build.join(VENV);
    let venv_python = text(&venv.join("bin/python"));
    let interpreter = real_interpreter(bench)?;
    if is_empty(requirements)? {
        return make_venv(&interpreter, &venv, bench);
    }
    let Some(uv) = find_uv(&interpreter, layout, bench) else {
        make_venv(&interpreter, &venv, bench)?;
        return pip_install(&venv, requirements, bench);
    };
    let mut make = vec![uv.as_str(), "venv", "--quiet", "--no-python-downloads"];
    let venv = text(&venv);
    make.extend(["--python", &interpreter, &venv]);
    bench.run(&make)?;
    let mut install = vec![uv.as_str(), "pip", "install", "--quiet", "--require-hashes"];
    let requirements = text(requirements);
    install.extend(["--compile-bytecode", "--python", &venv_python]);
    install.extend(["--requirement", &requirements]);
    bench.run(&install).map(drop)
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
pub(super) fn real_interpreter(bench: &mut Bench) -> Result<String, BuildError> {
    let ask = "import os, sys; print(os.path.realpath(sys.executable))";
    let said = Bench::quiet(bench.dir(), &mut |_| {}).run(&[PYTHON, "-c", ask])?;
    Ok(said.trim().to_owned())
}

/// uv from the PATH, or from an environment of its own in the ignored folder; `None` where neither works.
pub(super) fn find_uv(interpreter: &str, layout: &Layout, bench: &mut Bench) -> Option<String> {
    let works = |uv: &str| {
        let output = Environment::here().command(uv).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    };
    if works("uv") {
        return Some("uv".to_owned());
    }
    let venv = layout.builds().join("uv");
    let uv: PathBuf = venv.join("bin/uv");
    if works(&text(&uv)) {
        return Some(text(&uv));
    }
    make_venv(interpreter, &venv, bench).ok()?;
    pip_install(&venv, &layout.root().join(UV), bench).ok()?;
    works(&text(&uv)).then(|| text(&uv))
}

/// A program from a package with hashes, in an environment of its own in the ignored folder: installed unless it is there.
///
/// # Errors
///
/// If there is no Python that makes environments, or the package can't be had.
pub fn python_tool(name: &str, requirements: &str, layout: &Layout) -> Result<PathBuf, BuildError> {
    let folder = layout.builds().join("tools").join(name);
    let (program, kept) = (
        folder.join("bin").join(name),
        folder.join("requirements.txt"),
    );
    if program.is_file() && std::fs::read_to_string(&kept).is_ok_and(|text| text == requirements) {
        return Ok(program);
    }
    let mut nobody = |_: &str| {};
    let mut bench = Bench::quiet(layout.root(), &mut nobody);
    let interpreter = real_interpreter(&mut bench)?;
    make_venv(&interpreter, &folder, &mut bench)?;
    let list = folder.join("requirements.new");
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| BuildError::Io { path, source }
    };
    std::fs::write(&list, requirements).map_err(failed(&list))?;
    pip_install(&folder, &list, &mut bench)?;
    std::fs::rename(&list, &kept).map_err(failed(&kept))?;
    Ok(program)
}

fn pip_install(venv: &Path, requirements: &Path, bench: &mut Bench) -> Result<(), BuildError> {
    let python = text(&venv.join("bin/python"));
    let requirements = text(requirements);
    let mut install = vec![python.as_str(), "-m", "pip", "install", "--quiet"];
    install.extend(["--require-hashes", "--requirement", &requirements]);
    bench.run(&install).map(drop)
}

fn make_venv(interpreter: &str, venv: &Path, bench: &mut Bench) -> Result<(), BuildError> {
    let venv = text(venv);
    bench
        .run(&[interpreter, "-m", "venv", "--clear", &venv])
        .map(drop)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
