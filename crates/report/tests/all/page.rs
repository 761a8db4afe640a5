//! The page as a whole, made of records on disk.

use crate::fixture;
use anchorrec_data::Provenance;
use anchorrec_report::measures::GROUPS;
use anchorrec_report::{Page, ReportError, home, page, read, write};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A page of these paths below a folder.
fn made(folder: &TempDir, paths: &[&str]) -> Page {
    page(&read(&paths.iter().map(|path| folder.path().join(path)).collect::<Vec<_>>()).unwrap())
}

/// Takes the analyses away, which are most of the work of a page.
fn forget_analyses(run: &Path) {
    for seed in fixture::SEEDS {
        fs::remove_file(run.join(format!("seed-{seed}.analysis.json"))).unwrap();
    }
}

fn run_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fixture::write_run(&folder.path().join("run"), Provenance::Real);
    folder
}

/// Values of an attribute, in all marks.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    html.split(&format!(" {attribute}=\"")).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn a_page_fetches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fixture::write_comparison(folder.path(), Provenance::Real);
    let Page { html, .. } = made(&folder, &[""]);
    for attribute in ["src", "href", "xlink:href", "action", "data", "poster", "srcset"] {
        for value in values(&html, attribute) {
            assert!(value.starts_with('#') || value == "data:,", "{attribute}: {value}");
        }
    }
    for forbidden in ["http://", "https://", "@import", "<iframe", "<object", "<embed", "<form"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    for url in html.split("url(").skip(1) {
        assert!(url.starts_with("data:"), "{}", &url[..40]);
    }
    assert_eq!(html.matches("<script>").count(), 1, "its own");
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn methods_without_training_stand_beside_the_model() {
    let folder = run_folder();
    forget_analyses(&folder.path().join("run"));
    let Page { html, .. } = made(&folder, &["run"]);
    let table = html.split("aria-label=\"Beside methods without training\"").nth(1).unwrap();
    let table = &table[..table.find("</table>").unwrap()];
    for part in [
        "popularity",
        "item kNN",
        "0.0310",
        "0.0300",
        "best of 12 on validation",
        "shrinkage &lt;10&gt;",
        "+ L3AE",
        "0.0420",
        "our recipe",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    // A report of an earlier version has none.
    let path = folder.path().join("run/report.json");
    let mut report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    report.as_object_mut().unwrap().remove("closed_forms").unwrap();
    fs::write(&path, report.to_string()).unwrap();
    assert!(!made(&folder, &["run"]).html.contains("Beside methods without training"));
}

#[test]
fn every_place_in_the_page_that_is_pointed_at_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    fixture::write_comparison(folder.path(), Provenance::Real);
    for paths in [vec!["published"], vec![""]] {
        let Page { html, .. } = made(&folder, &paths);
        let mut ids = values(&html, "id");
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
        let inner = values(&html, "href").into_iter().filter_map(|value| value.strip_prefix('#'));
        let named = values(&html, "aria-labelledby").into_iter().flat_map(|names| names.split(' '));
        for target in inner.chain(named) {
            assert!(ids.binary_search(&target).is_ok(), "{target}");
        }
    }
}

#[test]
fn a_hostile_title_is_text() {
    let Page { html, figures } = made(&run_folder(), &["run"]);
    assert!(html.contains("&lt;script&gt;alert(&#39;owned&#39;)"), "the title is shown");
    assert!(!html.contains("alert('owned')"));
    let svg = figures.iter().find(|figure| figure.name == "map").unwrap().svg();
    assert!(svg.contains("&lt;script&gt;") && !svg.contains("<script"));
}

#[test]
fn every_figure_is_there_in_the_page_and_as_a_file() {
    let folder = tempfile::tempdir().unwrap();
    fixture::write_comparison(folder.path(), Provenance::Real);
    let (run, both) = (made(&folder, &["published"]), made(&folder, &[""]));
    let names = |page: &Page| page.figures.iter().map(|figure| figure.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&run), ["metrics", "loss", "overlap", "spectra", "map", "groups"]);
    assert_eq!(names(&both)[..3], ["variants-1-differences", "variants-1-tradeoff", "run-1-metrics"]);
    let out = folder.path().join("new/place/page.html");
    let written = write(&run, &out).unwrap();
    assert_eq!(fs::read_to_string(&written[0]).unwrap(), run.html);
    for name in names(&run) {
        assert!(run.html.contains(&format!("<figure id=\"{name}\">")), "{name}");
        let svg = fs::read_to_string(out.with_file_name("figures").join(format!("{name}.svg"))).unwrap();
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"), "{name}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
    }
    // PCA and t-SNE, with a group for each of 300 items.
    assert_eq!(run.html.matches("<g class=\"item ").count(), 600);
}

#[test]
fn what_is_said_of_a_term_is_what_its_model_says() {
    let folder = run_folder();
    let page = made(&folder, &["run"]);
    assert!(page.html.contains("ranking, as this model has it"));
    assert!(page.html.contains("norms of &lt;nothing&gt; in particular"));
    // The fixture's model says nothing of this term, so nobody does.
    assert!(page.html.contains(">smooth<"));
    assert!(!page.html.contains("item graph stay near"));
}

#[test]
fn a_page_opens_with_the_verdict_and_a_ranking() {
    let folder = tempfile::tempdir().unwrap();
    fixture::write_comparison(folder.path(), Provenance::Real);
    forget_analyses(&folder.path().join("published"));
    let Page { html, .. } = made(&folder, &[""]);
    let places = [
        "<p class=\"verdict\">",
        "aria-label=\"Variants, ranked",
        "id=\"variants-1-shown\"",
        "<figure",
        "id=\"glossary\"",
    ];
    let places = places.map(|part| html.find(part).unwrap_or_else(|| panic!("{part}")));
    assert!(places.is_sorted(), "{places:?}");
    assert!(!html.contains("Undertrained"));
    let mut comparison = fixture::comparison();
    comparison.variants[2].training.as_mut().unwrap().best_at_end = 1;
    fs::write(folder.path().join("comparison.json"), serde_json::to_string(&comparison).unwrap()).unwrap();
    let html = made(&folder, &[""]).html;
    assert!(html.find("Undertrained").unwrap() < html.find("<p class=\"verdict\">").unwrap());
}

#[test]
fn no_table_is_wider_than_a_laptop() {
    let folder = tempfile::tempdir().unwrap();
    fixture::write_comparison(folder.path(), Provenance::Real);
    // A comparison with every measure that there is, and some that nobody knows here.
    let mut comparison = fixture::comparison();
    let measures = GROUPS.iter().flat_map(|group| group.measures).map(|measure| measure.key.to_owned());
    let keys: Vec<String> = measures.chain((0..9).map(|k| format!("of tomorrow {k}"))).collect();
    for variant in &mut comparison.variants {
        let some = variant.collapse["overlap final-id"];
        variant.collapse = keys.iter().map(|key| (key.clone(), some)).collect();
    }
    fs::write(folder.path().join("comparison.json"), serde_json::to_string(&comparison).unwrap()).unwrap();
    let Page { html, .. } = made(&folder, &[""]);
    for table in html.split("<table>").skip(1) {
        let columns = table.split("</thead>").next().unwrap().matches("<th scope=\"col\"").count();
        assert!(columns <= 7, "{columns} columns in {}", &table[..400]);
    }
    assert!(html.contains(">of tomorrow 8<"), "what is not known is shown by its name");
    for key in keys.iter().filter(|key| key.contains('-')) {
        assert!(!html.contains(&format!(">{key}<")), "{key} has a heading in words");
    }
}

#[test]
fn runs_on_the_same_data_are_ranked_first() {
    let folder = run_folder();
    forget_analyses(&folder.path().join("run"));
    let mut better = fixture::report(&fixture::SEEDS, Provenance::Real);
    better.title = "Better".to_owned();
    better.summary.test.get_mut("recall@20").unwrap().mean = 0.9;
    fs::create_dir_all(folder.path().join("better")).unwrap();
    fs::write(folder.path().join("better/report.json"), serde_json::to_string(&better).unwrap()).unwrap();
    let html = made(&folder, &["run", "better"]).html;
    let verdict = html.find("On amazon-sports, Better has the highest test Recall@20 of 2 runs (0.9000)").unwrap();
    assert!(verdict < html.find("id=\"run-1-ranking\"").unwrap());
    better.data.users += 1;
    fs::write(folder.path().join("better/report.json"), serde_json::to_string(&better).unwrap()).unwrap();
    assert!(!made(&folder, &["run", "better"]).html.contains("has the highest"), "other data");
}

/// Cells of the first column of a table, by its title.
fn first_cells(html: &str, title: &str) -> Vec<String> {
    let table = html.split(&format!("aria-label=\"{title}")).nth(1).unwrap();
    let body = table.split("</table>").next().unwrap().split("<tbody>").nth(1).unwrap();
    let cell = |row: &str| {
        row.split('>').nth(if row.starts_with('>') { 2 } else { 1 }).unwrap().split('<').next().unwrap().to_owned()
    };
    body.split("<tr").skip(1).map(cell).collect()
}

#[test]
fn what_has_no_metric_has_no_place_and_the_page_says_why() {
    let folder = run_folder();
    forget_analyses(&folder.path().join("run"));
    let mut refit = fixture::report(&fixture::SEEDS, Provenance::Real);
    refit.summary = anchorrec_records::report::Summary::default();
    for run in &mut refit.runs {
        (run.valid, run.test) = Default::default();
    }
    let mut untested = refit.clone();
    untested.title = "Untested".to_owned();
    refit.refit = Some(anchorrec_records::origin::RefitRecord {
        run: "runs/earlier".to_owned(),
        identity_sha256: "0".repeat(64),
        epochs: fixture::SEEDS.map(|seed| (seed, 3)).into(),
        best_seed: None,
    });
    for (name, report) in [("a", &refit), ("b", &refit), ("c", &untested)] {
        fs::create_dir_all(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("report.json"), serde_json::to_string(report).unwrap()).unwrap();
    }
    let why = "2 runs are refits and have no place: a refit is trained on all rows";
    let html = made(&folder, &["a", "run", "b", "c"]).html;
    assert_eq!(first_cells(&html, "Ranked by test Recall@20"), ["1", "–", "–", "–"]);
    assert!(html.contains(why) && html.contains("one run has no test Recall@20 and no place"), "{html}");
    let html = made(&folder, &["a", "b"]).html;
    assert_eq!(first_cells(&html, "Not ranked"), ["–", "–"]);
    assert!(html.contains(why) && html.contains("None of these runs has a test Recall@20"));
    assert!(!html.contains("Ranked by") && !html.contains("ranked by"), "neither the runs nor their seeds");
    // Variants of a comparison, too.
    let mut comparison = fixture::comparison();
    let some = comparison.variants.len();
    comparison.variants[1].test.clear();
    let place = folder.path().join("compared");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("comparison.json"), serde_json::to_string(&comparison).unwrap()).unwrap();
    let mut want: Vec<String> = (1..some).map(|place| place.to_string()).collect();
    want.push("–".to_owned());
    assert_eq!(first_cells(&made(&folder, &["compared"]).html, "Variants, ranked"), want);
}

#[test]
fn the_same_records_give_the_same_bytes() {
    let folder = run_folder();
    let first = made(&folder, &["run"]);
    // Another number of threads than the first time.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let second = pool.install(|| made(&folder, &["run"]));
    assert!(first.html == second.html, "pages differ");
    for (a, b) in first.figures.iter().zip(&second.figures) {
        assert!(a.svg() == b.svg(), "{}", a.name);
    }
}

#[test]
fn synthetic_data_shouts_and_real_data_does_not() {
    let folder = run_folder();
    assert!(!made(&folder, &["run"]).html.contains("Synthetic data"));
    fixture::write_comparison(&folder.path().join("made-up"), Provenance::Synthetic);
    let html = made(&folder, &["made-up"]).html;
    assert_eq!(html.matches("<p class=\"alarm\"").count(), 2, "over the comparison and over its reference");
    assert!(html.contains("The data is synthetic"));
}

#[test]
fn a_run_without_an_analysis_says_how_to_get_one() {
    let folder = run_folder();
    forget_analyses(&folder.path().join("run"));
    let Page { html, figures } = made(&folder, &["run"]);
    assert!(html.contains("--resume --analyse"));
    assert_eq!(figures.iter().map(|figure| figure.name.as_str()).collect::<Vec<_>>(), ["metrics", "loss"]);
}

#[test]
fn an_analysis_of_other_weights_is_left_out() {
    let folder = run_folder();
    let path = folder.path().join("run/seed-999.analysis.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(&format!("{:064x}", 999), &"f".repeat(64))).unwrap();
    let html = made(&folder, &["run"]).html;
    assert!(html.contains("The analysis of seed 999 is of other weights"));
    assert!(html.contains("rests on 2 of 3 seeds"));
}

#[test]
fn a_run_that_two_paths_name_is_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    fixture::write_comparison(folder.path(), Provenance::Real);
    let study = read(&[folder.path().to_owned(), folder.path().join("published/report.json")]).unwrap();
    assert_eq!((study.comparisons.len(), study.runs.len()), (1, 1));
}

/// As `runs/small/*` names them: a run, a page, a run that was interrupted, a trial that goes on.
#[test]
fn what_lies_beside_a_run_is_passed_over_and_named() {
    let folder = run_folder();
    let at = |path: &str| folder.path().join(path);
    for (name, file) in [("stopped", "seed-999.step-40.safetensors"), ("trial", "trial"), ("figures", "loss.svg")] {
        fs::create_dir(at(name)).unwrap();
        fs::write(at(name).join(file), "").unwrap();
    }
    fs::write(at("report.html"), "").unwrap();
    let beside = ["figures", "report.html", "stopped", "trial"].map(at);
    let paths: Vec<PathBuf> = beside.iter().cloned().chain([at("run")]).collect();
    let study = read(&paths).unwrap();
    assert_eq!(study.runs.len(), 1);
    let found: Vec<(&Path, &str)> = study.skipped.iter().map(|skip| (skip.path.as_path(), skip.found)).collect();
    assert_eq!(found.iter().map(|(path, _)| *path).collect::<Vec<_>>(), beside.iter().collect::<Vec<_>>());
    assert!(found[2].1.contains("has not ended") && found[3].1.contains("a trial of a search"), "{found:?}");
    // Nothing is left, or a path is mistyped.
    assert!(matches!(read(&beside), Err(ReportError::NoRecord { path }) if path == beside[0]));
    assert!(matches!(read(&[at("run"), at("rum")]), Err(ReportError::NoRecord { path }) if path == at("rum")));
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = run_folder();
    let at = |path: &str| folder.path().join(path);
    let error = |path: &Path| read(&[path.to_owned()]).unwrap_err();
    let nothing = error(&at("nowhere"));
    assert!(matches!(&nothing, ReportError::NoRecord { path } if *path == at("nowhere")), "{nothing}");

    let text = fs::read_to_string(at("run/report.json")).unwrap();
    // Cut inside a line: behind a line's end the reader would stand on the next one.
    let half = text[..text.len() / 2].trim_end();
    fs::write(at("run/report.json"), half).unwrap();
    let cut = error(&at("run"));
    let last = half.lines().count();
    assert!(matches!(&cut, ReportError::Malformed { line, .. } if *line == last), "{cut}");
    assert!(cut.to_string().contains(&format!("report.json:{last}:")), "{cut}");
    fs::write(at("run/report.json"), &text).unwrap();

    let mut analysis = fixture::analysis(777);
    analysis.map.spaces[1].positions[7].pop();
    fs::write(at("run/seed-777.analysis.json"), serde_json::to_string(&analysis).unwrap()).unwrap();
    let uneven = error(&at("run"));
    assert!(
        uneven.to_string().ends_with("map, space `id`: expected positions of one width, 64 in the first, found 63"),
        "{uneven}"
    );
    analysis.map.spaces[1].positions.pop();
    fs::write(at("run/seed-777.analysis.json"), serde_json::to_string(&analysis).unwrap()).unwrap();
    assert!(error(&at("run")).to_string().contains("expected a position for each of 300 items, found 299"));
}

#[test]
fn a_page_goes_beside_what_it_is_made_of() {
    assert_eq!(home(Path::new("runs/a")), PathBuf::from("runs/a"));
    assert_eq!(home(Path::new("runs/a/report.json")), PathBuf::from("runs/a"));
    assert_eq!(home(Path::new("report.json")), PathBuf::from(""));
}

/// The labels must be in the pixels: a figure without its text has fewer dark ones.
#[cfg(feature = "png")]
#[test]
fn labels_are_in_the_pixels() {
    use resvg::tiny_skia::Pixmap;
    let folder = run_folder();
    let mut page = made(&folder, &["run"]);
    page.figures.retain(|figure| figure.name == "groups");
    let ink = |page: &Page| {
        write(page, &folder.path().join("page.html")).unwrap();
        let pixels = Pixmap::load_png(folder.path().join("figures/groups.png")).unwrap();
        let (width, height) = page.figures[0].size();
        assert_eq!((pixels.width(), pixels.height()), (2 * width as u32, 2 * height as u32));
        // A bar's blue is no ink: red, green and blue are all low only in text and in lines.
        pixels.pixels().iter().filter(|p| p.red() < 60 && p.green() < 60 && p.blue() < 60).count()
    };
    let with = ink(&page);
    for panel in &mut page.figures[0].panels {
        panel.body = panel.body.lines().filter(|line| !line.starts_with("<text")).collect::<Vec<_>>().join("\n");
    }
    let without = ink(&page);
    assert!(with > without + 1000, "{with} dark pixels with text, {without} without");
}
