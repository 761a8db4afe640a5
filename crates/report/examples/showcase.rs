//! Writes pages of made-up records, to look at while working on them: `cargo run -p anchorrec-report --features png --example showcase -- FOLDER`.

#[path = "../tests/all/fixture.rs"]
mod fixture;

use anchorrec_data::Provenance;
use anchorrec_report::{page, read, write};
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    let (run, comparison, bare) = (folder.join("run"), folder.join("comparison"), folder.join("bare"));
    fixture::write_run(&run, Provenance::Synthetic);
    fixture::write_comparison(&comparison, Provenance::Derived);
    fs::create_dir_all(&bare)?;
    fs::write(bare.join("report.json"), serde_json::to_string(&fixture::report(&[999], Provenance::Real))?)?;
    for folder in [run, comparison, bare] {
        let page = page(&read(std::slice::from_ref(&folder))?);
        println!("{}", write(&page, &folder.join("report.html"))?[0].display());
    }
    Ok(())
}
