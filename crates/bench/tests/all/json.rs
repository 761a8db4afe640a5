//! The program as it is called: the JSON that scripts read, and what it says to a wrong name.

use anchorrec_models::MODELS;
use anchorrec_recommender::Model;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the program at a tiny scale.
fn bench(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anchorrec-bench"));
    let datasets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets");
    command.arg("--datasets").arg(datasets).arg("--folder").arg(folder).args(["--scale", "0.005"]).args(args);
    command.output().unwrap()
}

/// Runs it, and reads what it wrote.
fn json(folder: &Path, args: &[&str]) -> (Value, Output) {
    let path = folder.join("bench.json");
    let output = bench(folder, &[args, &["--json", path.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap(), output)
}

fn names(json: &Value, table: &str) -> Vec<String> {
    json[table].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn everything_is_exactly_the_promised_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (json, output) = json(folder.path(), &[]);
    // What the default model declares, what no model is named by, what the others declare in the order of the list, the machine.
    let declared = |model: &'static dyn Model| model.card().timings.iter().map(|timing| timing.figure);
    let default = MODELS.default_model();
    let mut promised: Vec<&str> = declared(default).collect();
    promised.extend(["knn_vision", "knn_all", "rank_users_per_s", "recommend_all", "fold_in_user", "scan_user"]);
    promised.extend(["startup", "peak_rss_gib"]);
    promised.extend(MODELS.others(default).flat_map(declared));
    promised.extend(["electronics_step", "bandwidth_gbs", "fma_gflops", "int8_gops", "gemm_gflops"]);
    assert_eq!(names(&json, "rows"), promised);
    for row in json["rows"].as_array().unwrap() {
        assert!(row["value"].as_f64().is_some_and(|value| value > 0.0) && row["unit"].is_string(), "{row}");
        let own_limit = ["bandwidth_gbs", "fma_gflops", "int8_gops"].contains(&row["name"].as_str().unwrap());
        assert_eq!((row["limit"].is_null(), row["fraction_of_limit"].is_null()), (own_limit, own_limit), "{row}");
    }
    assert!(names(&json, "kernels").len() > 10);
    assert_eq!(names(&json, "growth")[0], "base");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("A QUICK LOOK") && !printed.contains(folder.path().to_str().unwrap()), "{printed}");
    let left = std::fs::read_dir(folder.path()).unwrap().filter_map(|e| e.unwrap().file_name().into_string().ok());
    assert!(!left.into_iter().any(|name| name.starts_with("weights")), "weights are removed");
}

#[test]
fn one_row_is_one_row() {
    let folder = tempfile::tempdir().unwrap();
    let (json, _) = json(folder.path(), &["--only", "lightgcn_epoch"]);
    assert_eq!(names(&json, "rows"), ["lightgcn_epoch"]);
    assert!(names(&json, "kernels").is_empty() && names(&json, "growth").is_empty());
}

#[test]
fn a_wrong_name_is_refused_with_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let output = bench(folder.path(), &["--only", "speed"]);
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("expected one of anchorrec_step_shared, ") && message.lines().count() == 1, "{message}");
}
