//! `anchorrec serve`: a finished run behind an HTTP address.

use crate::baselines::method;
use crate::finished::{RunOptions, threads};
use crate::recommend::{CandidateOptions, WayOption, enough_memory};
use anchorrec_data::Dataset;
use anchorrec_models::MODELS;
use anchorrec_retrieval::closed_form::JudgedForms;
use anchorrec_retrieval::{FinishedRun, Ids};
use anchorrec_serve::load::{Ranking, by_closed_form, by_model};
use anchorrec_serve::load_error::LoadError;
use anchorrec_serve::{Limits, Options, Served, serve};
use anchorrec_trainer::closed_forms::Method;
use anyhow::Result;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

#[derive(Clone, Debug, Args)]
pub struct ServeOptions {
    #[command(flatten)]
    pub run: RunOptions,

    /// Address and port to listen on; port 0 takes a free one. Any address but the loopback's needs --token-file
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,

    /// File with a secret that clients must send as `Authorization: Bearer ...`
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// Load the run again whenever its records or weights change, or RUN is a link and leads elsewhere. SIGHUP does it once
    #[arg(long)]
    pub watch: bool,

    /// Rank by the trained model and the closed form together, as `train --fuse` chose them on validation
    #[arg(long)]
    pub fuse: bool,

    /// Method that ranks, if RUN is a closed-forms.json (or its folder) from `anchorrec baselines` [default: the best on validation]
    #[arg(long, value_name = "METHOD", value_parser = method(), conflicts_with_all = ["fuse", "seed"])]
    pub closed_form: Option<Method>,

    #[command(flatten)]
    pub candidates: CandidateOptions,

    /// How to compute a new user's vector from its items: their mean, one step over the graph, or ridge regression [default: mean]
    #[arg(long, value_name = "METHOD", value_enum, conflicts_with = "closed_form")]
    pub fold_in: Option<WayOption>,

    /// Item spaces for /similar: `final`, others of the model, or features themselves (`raw_text`, `raw_vision`, `raw_mm`), which take memory
    /// [default: all of the model]
    #[arg(long, value_name = "SPACE,...", value_delimiter = ',', conflicts_with = "closed_form")]
    pub spaces: Option<Vec<String>>,
}

/// An address as it is written: numbers, or `localhost` for 127.0.0.1.
fn address(text: &str) -> Result<SocketAddr, String> {
    let number = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address = number.as_deref().unwrap_or(text).parse();
    address.map_err(|_| "expected an address with a port: 127.0.0.1:8080, [::1]:8080 or localhost:8080".to_owned())
}

/// Loads what is served.
fn load(options: &ServeOptions) -> Result<Served, LoadError> {
    let RunOptions { run, data, seed, .. } = &options.run;
    // A link that is switched meanwhile must not mix the files of two runs. What is not there is named as it was given.
    let run = &run.canonicalize().unwrap_or_else(|_| run.clone());
    // Read anew with each run: a changed file counts from the next reload on.
    let never = &|dataset: &Dataset| Ok(options.candidates.never(dataset, &Ids::of_items(dataset))?);
    let Some(path) = JudgedForms::file(run) else {
        if options.closed_form.is_some() {
            let expected = "expected a closed-forms.json or the folder that holds it, `anchorrec baselines` prints it as `report: ...`";
            return Err(format!("{}: --closed-form: {expected}", run.display()).into());
        }
        let ranking = Ranking {
            models: MODELS,
            data: data.as_deref(),
            is_fused: options.fuse,
            way: options.fold_in.unwrap_or_default().way(),
            spaces: options.spaces.as_deref(),
            never,
        };
        return by_model(&FinishedRun::open(run, *seed)?, &ranking);
    };
    for (is_said, option, why) in [
        (options.fuse, "--fuse", "there is no trained model beside it"),
        (seed.is_some(), "--seed", "nothing in it is drawn"),
        (options.fold_in.is_some(), "--fold-in", "it scores a new user by its items as it scores a known one"),
        (options.spaces.is_some(), "--spaces", "it places items in no space"),
    ] {
        if is_said {
            return Err(format!("{option}: a closed form ranks alone: {why}").into());
        }
    }
    let judged = JudgedForms::open(&path)?;
    let method = judged.method(options.closed_form.map(Method::name))?;
    let dataset = judged.dataset(data.as_deref())?;
    enough_memory(&judged, method, dataset.interactions.items)?;
    by_closed_form(&judged, &method.method, &dataset, never)
}

/// Runs the command.
pub fn run(options: &ServeOptions) -> Result<ExitCode> {
    threads(&options.run)?;
    let served = options.clone();
    let threads = options.run.threads.unwrap_or_else(|| available_parallelism().map_or(1, |threads| threads.get()));
    let server = Options {
        address: options.listen,
        token_file: options.token_file.clone(),
        watch: options.watch.then(|| options.run.run.clone()),
        threads,
        limits: Limits::default(),
    };
    let log = Arc::new(|line: &str| eprintln!("{line}"));
    serve(server, Box::new(move || load(&served)), log, |address, about| {
        eprintln!("{} on {}, ranked by {}", about.model, about.data, about.ranking);
        about.notes.iter().for_each(|note| eprintln!("note: {note}"));
        println!("listening on http://{address}");
    })?;
    Ok(ExitCode::SUCCESS)
}
