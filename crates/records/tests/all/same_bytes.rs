//! Files that version 0.1.0 wrote while records were still types of the trainer (`written/`; a synthetic twin at scale 0.01, two epochs, two
//! seeds; the analysis and the users cut to a few entries).

use anchorrec_records::{Analysis, Comparison, RecordedSettings, Report, UserResults, settings::RecordedValue};
use serde::{Serialize, de::DeserializeOwned};

fn same<T: Serialize + DeserializeOwned>(written: &str) -> T {
    let record: T = serde_json::from_str(written).unwrap();
    assert_eq!(serde_json::to_string_pretty(&record).unwrap() + "\n", written);
    record
}

#[test]
fn a_report_keeps_its_bytes() {
    let report: Report = same(include_str!("written/report.json"));
    assert_eq!((report.model.as_str(), report.runs.len()), ("anchorrec", 2));
    assert_eq!(report.config.get("anchorrec.weights.smooth"), Some(&RecordedValue::Float(0.1)));
    assert_eq!(report.at(), [5, 10, 20, 50]);
}

#[test]
fn an_analysis_keeps_its_bytes() {
    same::<Analysis>(include_str!("written/analysis.json"));
    same::<UserResults>(include_str!("written/users.json"));
}

#[test]
fn a_comparison_keeps_its_bytes() {
    let comparison: Comparison = same(include_str!("written/comparison.json"));
    assert_eq!(comparison.variants.len(), 3);
}

#[test]
fn settings_keep_their_order_their_kinds_and_their_digits() {
    let written = r#"{"z":1,"a":{"y":1.0,"b":[1e-9,0.30000000000000004,"x"]},"none":null,"on":true,"n":-3}"#;
    let settings: RecordedSettings = serde_json::from_str(written).unwrap();
    assert_eq!(serde_json::to_string(&settings).unwrap(), written);
    assert_eq!(RecordedSettings::of(&settings), settings);
}
