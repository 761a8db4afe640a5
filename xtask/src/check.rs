//! `cargo xtask check`: the whole gate, cheapest check first.

use crate::{cargo, fuzz, layering, outside, profiles, root, unsafe_code};

/// Runs every check; the first failure ends it.
pub fn run() -> Result<(), String> {
    step("format", || run_cargo(&["fmt", "--all", "--check"], None))?;
    step("layering", layering::check)?;
    step("where unsafe code stands", unsafe_code::check)?;
    step("supply chain", outside::supply_chain)?;
    step("clippy", || run_cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"], None))?;
    step("kernels under the address sanitizer", outside::address_sanitizer)?;
    step("tests", || run_cargo(&["test", "--workspace", "--quiet"], None))?;
    step("text encoder", text_encoder)?;
    step("the same bits in debug and release", profiles::check)?;
    step("documentation", || {
        run_cargo(&["doc", "--workspace", "--no-deps", "--quiet"], Some(("RUSTDOCFLAGS", "-D warnings")))
    })?;
    step("fuzz targets", || fuzz::for_each_target(5))?;
    println!("all checks passed");
    Ok(())
}

/// What stands behind the feature of the text encoder, which the workspace is built without.
fn text_encoder() -> Result<(), String> {
    let package = ["--package", "anchorrec-text-encoder", "--features", "minilm", "--quiet"];
    run_cargo(&[&["clippy", "--all-targets"], &package[..], &["--", "-D", "warnings"]].concat(), None)?;
    run_cargo(&[&["test"], &package[..]].concat(), None)
}

fn step(name: &str, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    println!("check: {name}");
    work().map_err(|message| format!("{name}: {message}"))
}

fn run_cargo(args: &[&str], variable: Option<(&str, &str)>) -> Result<(), String> {
    let mut command = cargo();
    command.args(args).current_dir(root());
    if let Some((name, value)) = variable {
        command.env(name, value);
    }
    crate::run(&mut command)
}
