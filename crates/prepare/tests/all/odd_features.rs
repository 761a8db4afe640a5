//! Features that are empty, lead nowhere, are all alike, or nearly match; and what an interrupted preparation leaves.

use crate::doors::{folder, made, notes, plan, read, read_as};
use anchorrec_prepare::own::{Options, Own, describe::describe};
use anchorrec_prepare::split::Rule;
use std::fs;

const CLICKS: (&str, &str) = ("clicks.csv", "user_id,item_id\nu,a\nu,b\nv,b\nv,c\nw,c\nw,a\n");

#[test]
fn an_empty_file_is_called_empty() {
    for ending in ["npy", "npz", "safetensors", "parquet", "csv", "tsv", "json", "jsonl"] {
        let name = format!("text_feat.{ending}");
        let said = read_as(&folder(&[CLICKS, (&name, "")]), &Options::default()).err().unwrap();
        assert!(said.ends_with(&format!("{name}: expected features, found an empty file")), "{said}");
    }
    let said = read_as(&folder(&[CLICKS, ("text_feat.csv", "item_id,e0,e1\n")]), &Options::default()).err().unwrap();
    assert!(said.ends_with("text_feat.csv: expected rows after the header, found none"), "{said}");
}

#[test]
#[cfg(unix)]
fn a_link_that_leads_nowhere_is_not_passed_over() {
    for name in ["text_feat.npy", "image.parquet"] {
        let dead = folder(&[CLICKS]);
        std::os::unix::fs::symlink("/nowhere/at/all", dead.path().join(name)).unwrap();
        let said = read_as(&dead, &Options::default()).err().unwrap();
        assert!(said.contains(name), "{said}");
    }
}

#[test]
fn features_that_are_alike_or_nearly_match_are_told() {
    let alike = folder(&[CLICKS, ("text_feat.csv", "item_id,e0,e1\na,1,2\nb,1,2\nc,1,2\n")]);
    let about = describe(&Own::Foreign(Box::new(read(&alike))));
    assert!(about.problems[0].contains("the same numbers in the rows of all 3 items"), "{:?}", about.problems);
    let nearly = folder(&[CLICKS, ("text_feat.csv", "item_id,e0,e1\na,1,2\nb,3,4\nC,5,6\n")]);
    let about = describe(&Own::Foreign(Box::new(read(&nearly))));
    let said: Vec<String> = about.notes.iter().map(ToString::to_string).collect();
    let want = "would match but for upper and lower case: \"c\" and \"C\"";
    assert!(said.iter().any(|note| note.starts_with("1 id without") && note.ends_with(want)), "{said:?}");
}

#[test]
fn what_an_interrupted_preparation_leaves_is_said() {
    let place = folder(&[CLICKS]);
    let out = place.path().join("ready");
    fs::create_dir(place.path().join(".ready.partial-1")).unwrap();
    fs::create_dir(place.path().join(".other.partial-1")).unwrap();
    let foreign = read(&place);
    assert!(!notes(&foreign).contains("partial"), "it is no part of the data");
    let prepared = made(foreign, &plan(&out, Rule::None)).unwrap();
    let said: Vec<String> = prepared.notes.iter().map(ToString::to_string).collect();
    let left = said.iter().find(|note| note.contains("interrupted preparation")).unwrap();
    assert!(left.starts_with("1 folder beside the new one") && left.ends_with("(.ready.partial-1)"), "{left}");
    // Nobody's folder is deleted, and the new one leaves nothing.
    assert!(place.path().join(".ready.partial-1").exists());
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 4);
}
