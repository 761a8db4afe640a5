//! `cargo xtask check`: the whole gate, cheapest part first. `--deep` adds what takes long.
//!
//! The parts of the quick check share what they compile: one set of features for all packages, no release build. Clippy and the
//! documentation read the same metadata; the tests are built once. Tests that passed before are not run again unless something that they
//! see has changed (`passed.rs`); `--again` runs them all, and so does `--deep`.

use crate::beside::Beside;
use crate::gate::{Gate, Outcome, Part};
use crate::passed::{self, Notes, Surroundings};
use crate::{
    cargo, documents, english, errors, examples, fuzz, layering, model_names, nearest, outside, packaging, profiles,
    promises, root, serving, stand_alone, unsafe_code,
};
use std::ffi::OsStr;
use std::process::Command;

/// Runs every part; the first failure ends it.
pub fn run(options: &[String]) -> Result<(), String> {
    let known = ["--deep", "--again"];
    if let Some(unknown) = options.iter().find(|option| !known.contains(&option.as_str())) {
        return Err(nearest::unknown("option", unknown, known));
    }
    let deep = options.iter().any(|option| option == "--deep");
    let mut gate = Gate::new(deep);
    let outcome = parts(&mut gate, deep, deep || !options.is_empty());
    println!("\n{}", gate.summary());
    outcome?;
    println!("all checks passed");
    Ok(())
}

fn parts(gate: &mut Gate, deep: bool, again: bool) -> Result<(), String> {
    gate.part("format", || done(cargo().args(["fmt", "--all", "--check"])))?;
    gate.part("layering", || layering::check().map(|()| Outcome::Done))?;
    gate.part("models by name", || model_names::check().map(|()| Outcome::Done))?;
    gate.part("where unsafe code stands", || unsafe_code::check().map(|()| Outcome::Done))?;
    gate.part("errors that can grow and keep their causes", || errors::check().map(|()| Outcome::Done))?;
    gate.part("promises and their tests", || promises::check().map(|()| Outcome::Done))?;
    gate.part("doc comments that stand alone", || english::check().map(|()| Outcome::Done))?;
    gate.part("documents that name files and layers", || documents::check().map(|()| Outcome::Done))?;
    gate.part("examples of public functions", || examples::check().map(|()| Outcome::Done))?;
    gate.part("crates that stand alone", || packaging::check().map(|()| Outcome::Done))?;
    gate.part("supply chain", outside::supply_chain)?;
    gate.part("clippy", || done(cargo().args(["clippy", "--workspace", "--all-targets", "--"]).args(DENY)))?;
    gate.part("clippy of the command without features", || {
        done(cargo().args(["clippy", "--package", "anchorrec-cli", "--no-default-features", "--"]).args(DENY))
    })?;
    // Clippy has checked the Python package. Only its tests need it built, and without a Python they cannot run.
    let has_python = outside::has_python();
    let tests = || tests(deep, has_python);
    gate.part("tests, built", || done(tests().args(["--tests", "--no-run"])))?;
    // Test programs leave about a third of two cores idle. The documentation and its examples fill it.
    gate.part("tests, and beside them the documentation and its examples", || programs_and_examples(&tests, again))?;
    gate.part("a Python for the tests of its package", || outside::python(has_python))?;

    gate.deep("PNG figures and the text encoder", || {
        done(cargo().args(["clippy", "--all-targets"]).args(EVERYTHING).arg("--").args(DENY))?;
        done(outside::with_text_model(cargo().args(["test"]).args(EVERYTHING).args(DOTS)))
    })?;
    gate.deep("the command without features", || {
        done(cargo().args(["test", "--package", "anchorrec-cli", "--no-default-features"]).args(DOTS))
    })?;
    gate.deep("each crate built from its archive", || packaging::build().map(|()| Outcome::Done))?;
    gate.deep("each README's example in a project of its own", || stand_alone::check().map(|()| Outcome::Done))?;
    gate.deep("the Python wheel, built and tested in an environment of its own", outside::python_wheel)?;
    gate.deep("the server by a generated client", serving::generated_client)?;
    gate.deep("the server's page in a browser", serving::page)?;
    gate.deep("the server under good and bad requests, with two swaps", serving::soak)?;
    gate.deep("LAPACK", outside::lapack)?;
    gate.deep("kernels under the address sanitizer", outside::address_sanitizer)?;
    gate.deep("the same bits in debug and release", profiles::check)?;
    gate.deep("fuzz targets", || fuzz::for_each_target(60))
}

/// Runs the test programs, and beside them the examples of the documentation; `again` those that passed before, too.
fn programs_and_examples(tests: &impl Fn() -> Command, again: bool) -> Part {
    let failed = |error: std::io::Error| error.to_string();
    let seen = Surroundings::now().map_err(failed)?;
    let notes = Notes::here();
    let name = OsStr::new("examples");
    let compiler = Command::new("rustc").arg("-vV").current_dir(root()).output().map_err(failed)?;
    let digest = seen.of_examples(&compiler);
    let passed_before = !again && notes.have(name, digest);
    let mut beside = vec![documentation()];
    if !passed_before {
        notes.forget(name);
        let mut examples = tests();
        examples.arg("--doc").args(DOTS).current_dir(root());
        beside.insert(0, examples);
    }
    let beside = Beside::start(beside);
    let mut programs = tests();
    seen.ask_about(&mut programs, again).map_err(failed)?;
    let programs = done(programs.arg("--tests").args(DOTS));
    let (said, documented) = beside.end();
    print!("{said}");
    programs?;
    documented?;
    notes.keep(name, digest).map_err(failed)?;
    let examples = passed_before.then(|| "the examples were not run: nothing has changed since they passed".to_owned());
    let unchanged: Vec<String> = passed::not_run().into_iter().chain(examples).collect();
    Ok(if unchanged.is_empty() { Outcome::Done } else { Outcome::Unchanged(unchanged.join("; ")) })
}

const DENY: [&str; 2] = ["-D", "warnings"];

/// A dot for each test that passes; cargo still says what it compiles.
const DOTS: [&str; 2] = ["--", "--quiet"];

/// The packages that have features beside the default ones, with all of them that need nothing of the system.
const EVERYTHING: [&str; 8] = [
    "--package",
    "anchorrec-cli",
    "--package",
    "anchorrec-report",
    "--package",
    "anchorrec-text-encoder",
    "--features",
    "anchorrec-cli/text-encoder,anchorrec-cli/png",
];

/// Tests all packages, the Python one where its tests can run. What the deep check adds to their tests is asked for here.
fn tests(deep: bool, has_python: bool) -> Command {
    let mut command = cargo();
    command.args(["test", "--workspace"]).env("ANCHORREC_DEEP", if deep { "1" } else { "" });
    if !has_python {
        command.args(["--exclude", "anchorrec-python"]);
    }
    command
}

/// Documents all packages, with every warning an error.
///
/// This reuses the metadata of the Clippy part. Cargo keeps apart what different compiler wrappers have made, so this sets the wrapper that
/// `cargo clippy` sets. It asks for examples too, because only then does cargo give packages the features that their tests need. Should a
/// later Clippy receive its options in another way, the metadata is made once more and nothing else changes.
fn documentation() -> Command {
    let mut command = cargo();
    command
        .args(["doc", "--workspace", "--no-deps", "--lib", "--bins", "--examples"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .current_dir(root());
    if let Some(driver) = outside::clippy_driver() {
        let options: String = DENY.iter().map(|option| format!("{option}__CLIPPY_HACKERY__")).collect();
        command.env("RUSTC_WORKSPACE_WRAPPER", driver).env("CLIPPY_ARGS", options);
    }
    command
}

/// A command at the top of the repository, to its end.
fn done(command: &mut Command) -> Part {
    crate::run(command.current_dir(root())).map(|()| Outcome::Done)
}
