//! The commands: what each is called, and where it begins.

use crate::args::Chosen;
#[cfg(feature = "baselines")]
use crate::every_model;
use crate::{
    ablate, baselines, check_data, encode_text, evaluate, export, model_table, prepare, prepare_amazon, recommend,
    report, serve, similar, train, tune,
};
use anchorrec_models::MODELS;
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Multimodal recommendation by anchored alignment: prepare data, train, evaluate, export.
#[derive(Debug, Parser)]
#[command(name = "anchorrec", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a model on a data set, evaluate it by full ranking and write report.json
    Train(train::TrainOptions),
    /// Evaluate baselines that need no training: popularity, item kNN, EASE, L3AE
    Baselines(baselines::BaselinesOptions),
    #[command(about = ablate_about())]
    Ablate(ablate::AblateOptions),
    /// Tune hyper-parameters of a model on validation and write the best to the data set's manifest
    Tune(tune::TuneOptions),
    /// Compute a table of many models on many data sets by a declared protocol, by child processes; the same command continues
    Table(model_table::TableOptions),
    /// Recommend items to users with a trained model: top-K lists as CSV, JSON lines, Parquet or a TREC run
    Recommend(recommend::RecommendOptions),
    /// Serve a trained model over HTTP: recommendations, similar items, metrics, a page
    Serve(serve::ServeOptions),
    /// Find items similar to an item
    Similar(similar::SimilarOptions),
    /// Export user and item embeddings for a vector store (FAISS, pgvector, ...), or check the lists that a store returns
    Export(export::ExportOptions),
    /// Evaluate recommendation lists of any tool: Recall, NDCG, MAP, paired tests, by our definitions or another library's
    Evaluate(evaluate::EvaluateOptions),
    /// Generate an HTML report from runs
    Report(report::ReportOptions),
    /// Inspect a data folder: counts, problems with their line numbers, memory and time of a training
    CheckData(check_data::CheckDataOptions),
    /// Prepare a data set from your interactions and features
    Prepare(prepare::PrepareOptions),
    /// Prepare a data set from the raw public files of an Amazon category
    PrepareAmazon(prepare_amazon::PrepareAmazonOptions),
    /// Encode the items' texts as features with all-MiniLM-L6-v2 (needs a build with --features text-encoder)
    EncodeText(encode_text::EncodeTextOptions),
}

fn ablate_about() -> String {
    let title = MODELS.default_model().title();
    format!(
        "Run an ablation study: train {title} without each of its parts and with controls, and test the differences"
    )
}

impl Command {
    /// Runs the command to its end.
    pub fn run(&self) -> Result<ExitCode> {
        match self {
            Command::Train(options) => match options.model {
                #[cfg(feature = "baselines")]
                Some(Chosen::All) => every_model::run(options),
                Some(Chosen::One(model)) => train::run(Some(model), options),
                None => train::run(None, options),
            },
            Command::Baselines(options) => baselines::run(options),
            Command::Ablate(options) => ablate::run(options),
            Command::Tune(options) => tune::run(options),
            Command::Table(options) => model_table::run(options),
            Command::Recommend(options) => recommend::run(options),
            Command::Serve(options) => serve::run(options),
            Command::Similar(options) => similar::run(options),
            Command::Export(options) => export::run(options),
            Command::Evaluate(options) => evaluate::run(options),
            Command::Report(options) => report::run(options),
            Command::CheckData(options) => check_data::run(options),
            Command::Prepare(options) => prepare::run(options),
            Command::PrepareAmazon(options) => prepare_amazon::run(options),
            Command::EncodeText(options) => encode_text::run(options),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    #[test]
    fn no_command_takes_no_threads() {
        let mut tried = 0;
        for command in Cli::command().get_subcommands() {
            if command.get_arguments().any(|argument| argument.get_long() == Some("threads")) {
                let error = Cli::try_parse_from(["anchorrec", command.get_name(), "--threads", "0"]).unwrap_err();
                assert!(error.to_string().contains("a whole number above 0"), "{}: {error}", command.get_name());
                tried += 1;
            }
        }
        assert!(tried >= 4, "{tried}");
    }

    #[test]
    fn every_value_has_a_help_text_and_a_name_that_is_a_word() {
        for command in Cli::command().get_subcommands() {
            // Absent commands have a hidden one that takes whatever is there.
            let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
            for argument in shown.filter(|argument| argument.get_action().takes_values()) {
                let name = format!("{} {}", command.get_name(), argument.get_id());
                assert!(argument.get_help().is_some(), "{name}: no help");
                // A name with an underscore is the field's, which nobody chose for the reader.
                let values = argument.get_value_names().unwrap_or_default();
                assert!(values.iter().all(|value| !value.contains('_')), "{name}: {values:?}");
            }
        }
    }

    /// Options that need another one, by the sources: what stands above their fields.
    fn needing() -> Vec<(String, String)> {
        let (mut found, mut folders) = (Vec::new(), vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]);
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for (at, _) in text.match_indices(concat!("requires", " = \"")) {
                    let rest = &text[at..];
                    let needed = rest.split('"').nth(1).unwrap().to_owned();
                    let field = rest.split("pub ").nth(1).unwrap().split(':').next().unwrap();
                    found.push((field.to_owned(), needed));
                }
            }
        }
        found
    }

    /// The library that reads options does not ask for a needed option where another one that excludes it is there. Then the first would do nothing.
    #[test]
    #[cfg(all(feature = "baselines", feature = "report", feature = "retrieval"))]
    fn an_option_that_needs_another_one_is_refused_where_that_one_cannot_be() {
        let given = |argument: &clap::Arg| {
            let option = format!("--{}", argument.get_long().unwrap());
            let is_flag = !argument.get_action().takes_values();
            let value = argument.get_possible_values().first().map_or("1", |value| value.get_name()).to_owned();
            let value = if argument.get_id() == "new_share" { "0.5".to_owned() } else { value };
            if is_flag { vec![option] } else { vec![option, value] }
        };
        let (mut tried, needing) = (0, needing());
        assert!(needing.len() > 8, "{needing:?}");
        for command in Cli::command().get_subcommands_mut() {
            command.build();
            let of = |id: &str| {
                command.get_arguments().find(|argument| argument.get_id() == id && argument.get_long().is_some())
            };
            let asked: Vec<String> = command
                .get_arguments()
                .filter(|argument| argument.is_required_set())
                .flat_map(|argument| if argument.get_long().is_some() { given(argument) } else { vec!["1".to_owned()] })
                .collect();
            for (option, needed) in &needing {
                let (Some(option), Some(needed)) = (of(option), of(needed)) else { continue };
                // A command may have an option of this name that needs nothing.
                let words = [vec!["anchorrec".to_owned(), command.get_name().to_owned()], asked.clone(), given(option)]
                    .concat();
                if Cli::try_parse_from(words).is_ok() {
                    continue;
                }
                // In either place the exclusion may be written.
                let excluded = command.get_arguments().filter(|other| {
                    let excludes = |one, other: &clap::Arg| {
                        command.get_arg_conflicts_with(one).iter().any(|id| id.get_id() == other.get_id())
                    };
                    other.get_long().is_some() && (excludes(needed, other) || excludes(other, needed))
                });
                for other in excluded.filter(|other| other.get_id() != option.get_id()) {
                    let words = [
                        vec!["anchorrec".to_owned(), command.get_name().to_owned()],
                        asked.clone(),
                        given(option),
                        given(other),
                    ];
                    let words = words.concat();
                    let said = Cli::try_parse_from(&words).map(drop).map_err(|error| (error.kind(), error.to_string()));
                    let needs = format!("--{}", needed.get_long().unwrap());
                    let is_refused = said.as_ref().is_err_and(|(kind, text)| {
                        *kind == ErrorKind::ArgumentConflict
                            || *kind == ErrorKind::MissingRequiredArgument && text.contains(&needs)
                    });
                    assert!(is_refused, "{}: {said:?}", words.join(" "));
                    tried += 1;
                }
            }
        }
        assert!(tried > 8, "{tried}");
    }

    #[test]
    #[cfg(feature = "retrieval")]
    fn an_id_may_begin_with_a_hyphen() {
        for (command, option) in [("recommend", "--user"), ("similar", "--item")] {
            for id in ["-0", "-1", "-abc", "-"] {
                let parsed = Cli::try_parse_from(["anchorrec", command, "RUN", option, id]);
                match parsed.map_err(|error| error.to_string()).unwrap().command {
                    Command::Recommend(options) => assert_eq!(options.user, [id]),
                    Command::Similar(options) => assert_eq!(options.item, [id]),
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    /// The commands in the code blocks of a document, split into words; those with a gap (`...`) are left out.
    fn commands(document: &str) -> Vec<Vec<String>> {
        let blocks = document.split("\n```").skip(1).step_by(2);
        let joined: Vec<String> = blocks.map(|block| block.replace("\\\n", " ")).collect();
        let lines = joined.iter().flat_map(|block| block.lines()).map(|line| line.trim_start_matches("$ "));
        let calls = lines.filter_map(|line| {
            let run = line.split_once("-p anchorrec-cli -- ").map(|(_, rest)| rest);
            line.strip_prefix("anchorrec ").or(run)
        });
        // Output begins so as well, with a version or a data set.
        let calls = calls.filter(|call| call.starts_with(|c: char| c.is_ascii_lowercase()) && !call.starts_with("on "));
        // What comes before a comment, a pipe, a redirection or the next command.
        let ends = |word: &&str| ["#", "|", ">", "&", "&&", ";", "2>&1"].contains(word);
        let words =
            calls.map(|call| call.split_whitespace().take_while(|word| !ends(word)).map(str::to_owned).collect());
        words
            .filter(|words: &Vec<String>| {
                !words.iter().any(|word| word.contains("...") || word.contains(['\'', '"', '<']))
            })
            .collect()
    }

    #[test]
    #[cfg(all(feature = "baselines", feature = "retrieval"))]
    fn every_command_of_the_documents_is_one() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let crates =
            std::fs::read_dir(root.join("crates")).unwrap().flatten().map(|entry| entry.path().join("README.md"));
        let docs = std::fs::read_dir(root.join("docs")).unwrap().flatten().map(|entry| entry.path());
        let files = crates.chain(docs).chain([root.join("README.md"), root.join("CONTRIBUTING.md")]);
        let (mut tried, mut wrong) = (0, Vec::new());
        for file in files.filter(|file| file.extension().is_some_and(|ending| ending == "md") && file.is_file()) {
            for words in commands(&std::fs::read_to_string(&file).unwrap()) {
                let parsed = Cli::try_parse_from(std::iter::once("anchorrec".to_owned()).chain(words.iter().cloned()));
                if let Err(error) = parsed.map_err(|error| error.to_string())
                    && words.last().is_none_or(|last| last != "--help")
                {
                    wrong.push(format!("{}: anchorrec {}\n{error}", file.display(), words.join(" ")));
                }
                tried += 1;
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(tried > 40, "only {tried} commands were found");
    }
}
