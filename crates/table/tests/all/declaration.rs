//! Declarations: what they ask for, and how their faults are told.

use anchorrec_models::MODELS;
use anchorrec_table::Declaration;
use anchorrec_trainer::search::SearchRange;

const GOOD: &str = r#"
[budget]
trials = 3
epochs = 9
evaluate_every = 1
patience = 2
learning_rate = ["0.001", "0.01"]

[[dataset]]
name = "small"
seeds = [1, 2]
settings = ["train.batch_size=64"]

[[model]]
name = "lightgcn"
published = { small = ["lightgcn.layers=3"] }

[[model]]
name = "plain"
model = "lgmrec"
settings = ["lgmrec.local_layers=1"]
ranges = ["lgmrec.weights.reg=0.000001,0.01"]
"#;

#[test]
fn a_protocol_is_the_budget_with_what_the_data_set_and_the_model_add() {
    let declaration = Declaration::parse("t", GOOD, MODELS).unwrap();
    let of = |model: usize| declaration.protocol(&declaration.datasets[0], &declaration.models[model]);
    assert_eq!(of(0).published, ["lightgcn.layers=3"]);
    assert_eq!(of(0).ranges, ["train.learning_rate=0.001,0.01"]);
    assert_eq!((of(1).model.as_str(), of(1).published.len()), ("lgmrec", 0));
    assert_eq!(of(1).settings, ["train.batch_size=64", "lgmrec.local_layers=1"]);
    assert_eq!(of(1).ranges, ["train.learning_rate=0.001,0.01", "lgmrec.weights.reg=0.000001,0.01"]);
    assert_eq!(declaration.models[1].title(MODELS), "LGMRec");
}

#[test]
fn every_fault_of_a_declaration_is_told_with_what_was_expected() {
    let table = [
        ("trials = 3", "trials = 0", "budget.trials: expected a whole number above 0"),
        ("trials = 3", "trails = 3", "expected the declaration of a table"),
        ("[[dataset]]\nname = \"small\"", "[[dataset]]\nname = \"a/b\"", "expected a name of letters"),
        ("name = \"plain\"", "name = \"lightgcn\"", "`lightgcn` is there twice"),
        ("name = \"plain\"", "name = \"closed-forms\"", "call it otherwise"),
        ("model = \"lgmrec\"", "model = \"lgmrek\"", "did you mean `lgmrec`?"),
        ("{ small =", "{ smal =", "did you mean `small`?"),
        ("lightgcn.layers=3", "lightgcn.layer=3", "model lightgcn on small"),
        ("lgmrec.local_layers=1", "lgmrec.local_layers=1000000", "model plain on small"),
        ("seeds = [1, 2]", "seeds = [1, 1]", "model lightgcn on small"),
        ("lgmrec.weights.reg=0.000001,0.01", "lgmrec.weights.reg=0.01,0.1", "expected the default first"),
        ("lgmrec.weights.reg=0.000001,0.01", "lgmrec.weights.reg=0.000001,x", "model plain on small"),
        ("lgmrec.weights.reg=0.000001,0.01", "lgmrec.id_layers=2,3", "is searched already"),
        ("lgmrec.local_layers=1", "lgmrec.id_layers=3", "in `settings` and searched"),
        ("lgmrec.local_layers=1", "train.learning_rate=0.1", "in `settings` and searched"),
        ("[\"0.001\", \"0.01\"]", "[]", "each once"),
        ("[\"0.001\", \"0.01\"]", "[\"0.01\"]", "expected the default first"),
    ];
    for (from, to, want) in table {
        assert!(GOOD.contains(from), "{from}");
        let error = Declaration::parse("t.toml", &GOOD.replace(from, to), MODELS).unwrap_err();
        let said = anchorrec_files::with_causes(&error);
        assert!(said.starts_with("t.toml: ") && said.contains(want), "{to}: {said}");
    }
}

#[test]
fn the_declaration_of_this_repository_can_be_computed() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/table.toml");
    let declaration = Declaration::parse("table.toml", &std::fs::read_to_string(path).unwrap(), MODELS).unwrap();
    for dataset in &declaration.datasets {
        for row in &declaration.models {
            let model = MODELS.find(row.model()).unwrap();
            let ranges = declaration.protocol(dataset, row).ranges;
            let beside = ranges.iter().map(|range| range.parse::<SearchRange>().unwrap().values.len());
            let grid = model.card().grid() * beside.product::<usize>();
            assert!(grid >= declaration.budget.trials, "{}: a grid of {grid} points is no equal budget", row.name);
        }
    }
}
