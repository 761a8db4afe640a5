//! The page of a table of models, with values that a person can work out.

use anchorrec_records::{ClosedFormRows, ModelResults};
use anchorrec_report::Page;
use anchorrec_report::model_table::{DatasetOfTable, ModelTable, html, markdown};
use serde_json::{Value, json};

fn metrics(recall: f64) -> Value {
    json!({ "recall@5": recall / 2.0, "recall@20": recall, "ndcg@20": recall / 2.0, "map@20": 0.9 })
}

fn over_seeds(one: f64, other: f64) -> Value {
    let of = |one: f64, other: f64| json!({ "mean": (one + other) / 2.0, "sd": (one - other).abs() / 2f64.sqrt() });
    let half = of(one / 2.0, other / 2.0);
    json!({ "recall@5": half, "recall@20": of(one, other), "ndcg@20": half, "map@20": of(0.9, 0.9) })
}

/// Two seeds, of which the second ended at the cap; on test its third epoch would have been better by 0.02.
fn row(weights: &str, against: Value) -> Value {
    let seed = |seed: u64, recall: f64, by_test: f64, ended: &str| {
        json!({
            "seed": seed, "best_epoch": 2, "epochs": 4, "ended": ended, "valid": metrics(recall), "test": metrics(recall),
            "epoch_by_test": 3, "by_test": metrics(by_test), "seconds": 10.0 * seed as f64, "peak_rss_bytes": 2 << 20,
            "weights_sha256": format!("{weights}{seed}"),
        })
    };
    json!({
        "run": "r", "settings": [], "version": "1", "numerics": "n", "arithmetic": "loops", "processor": "P_1", "threads": 1, "parameters": 7,
        "seeds": [seed(1, 0.10, 0.10, "plateau"), seed(2, 0.12, 0.14, "cap")],
        "valid": over_seeds(0.10, 0.12), "test": over_seeds(0.10, 0.12), "by_test": over_seeds(0.10, 0.14),
        "selected_by_test": { "seed": 2, "epoch": 3, "test": metrics(0.14) },
        "figures": { "coverage": { "mean": 0.5, "sd": 0.25 }, "effective rank final": { "mean": 40.25, "sd": null } },
        "user_groups": [{ "from": 1, "to": 5, "users": 9, "test": over_seeds(0.10, 0.12) }, { "from": 5, "to": 6, "users": 1, "test": {} }],
        "item_groups": [{ "from": 0, "to": 1, "positives": 3, "hits": { "mean": 0.25, "sd": null } }],
        "against": against,
    })
}

fn results(name: &str, title: &str, published: Value, tuned: Value) -> ModelResults {
    let asked = json!({
        "model": name, "seeds": [1, 2], "epochs": 4, "evaluate_every": 1, "patience": 2, "trials": 1, "search_seed": 0,
        "settings": [], "published": [], "ranges": [], "fuse": false,
    });
    let data = json!({ "source": "real", "users": 9, "items": 8, "train": 7, "valid": 6, "test": 5, "files": {} });
    let file = json!({ "dataset": "d", "name": name, "title": title, "asked": asked, "data": data, "published": published, "tuned": tuned });
    serde_json::from_value(file).unwrap()
}

fn against(weights: &[&str]) -> Value {
    let test = |t: f64, wilcoxon: f64| {
        json!({
            "users": 9, "mean": -0.01, "interval": [-0.03, 0.01], "t_p": t, "t_p_corrected": 0.7, "wilcoxon_p": wilcoxon, "wilcoxon_p_corrected": 0.7,
        })
    };
    json!({
        "reference": "first", "weights": weights, "tests": { "recall@20": test(0.01, 0.5), "ndcg@20": test(0.04, 0.02) },
        "shared_recommendations": 0.25,
    })
}

#[test]
fn a_page_has_intervals_what_test_would_have_chosen_and_tests_corrected_for_all_rows() {
    let first = results("first", "First", Value::Null, row("a", Value::Null));
    let second = results("second", "Second|2", Value::Null, row("b", against(&["a1", "a2"])));
    let third = results("third", "Third", row("c", Value::Null), row("c", against(&["a1", "a2"])));
    let stale = results("stale", "Stale", Value::Null, row("d", against(&["a1", "before"])));
    let dataset =
        DatasetOfTable { name: "d".to_owned(), models: vec![&first, &second, &third, &stale], closed_forms: None };
    let table = ModelTable { datasets: vec![dataset], command: "command".to_owned(), ..ModelTable::default() };
    let page = markdown(&table);
    // 0.11 ± 0.0141; Student's t of one degree is 12.706, so half the interval is 12.706 · 0.0141 / √2 = 0.1271.
    let accuracy = r"| Second\|2 | tuned | 2 | 0.1100 ± 0.0141 | 0.1100 ± 0.0141 | [−0.0171, 0.2371] | 0.0550 ± 0.0071 | [−0.0085, 0.1185] |";
    // Mean 0.12 instead of 0.11; the best seed 0.14.
    let by_test = "| First | tuned | 0.1100 ± 0.0141 | 0.1200 ± 0.0283 | +0.0100 | 0.1400 | +0.0300 |";
    // Four comparisons: t has 0.01, 0.01, 0.04, 0.04, Wilcoxon 0.02, 0.02, 0.5, 0.5.
    let tested = "| Third | −0.0100 [−0.0300, +0.0100] | 0.040 | 1.000 | −0.0100 [−0.0300, +0.0100] | 0.080 | 0.080 | 25\u{a0}% |";
    let groups = "| model | settings | 1 to 4 (9 users) | 5 (one user) |\n|---|---|---|---|\n| First | tuned | 0.1100 ± 0.0141 | - |";
    let cost = r"| Third | published | 7 | 2, 2 | 1 of 2 | 15 | 2 | loops | P\_1 |";
    let cut_offs = "| model | settings | R@5 | R@20 | N@20 |";
    for part in [
        accuracy,
        by_test,
        tested,
        groups,
        cost,
        cut_offs,
        "Holm for 4 comparisons",
        "| First | tuned | 0.500 ± 0.250 |",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    assert!(!page.contains("### Against First, published settings"), "the reference has no such runs");
    let tests = page.split("### Against First, tuned settings").nth(1).unwrap().split("\n### ").next().unwrap();
    assert!(!tests.contains("Stale"), "tests against weights that the reference no longer has");
}

/// Popularity far below all rows, EASE above them, with what EASE recommends.
fn methods() -> ClosedFormRows {
    let method = |name: &str, title: &str, recall: f64| {
        json!({
            "method": name, "title": title, "setting": "λ <3>", "settings": {}, "tried": 7, "valid": metrics(recall), "test": metrics(recall), "seconds": 2.0,
            "search_seconds": 20.0, "bytes": 1 << 20,
        })
    };
    let lists = json!({
        "figures": { "coverage": { "mean": 0.5, "sd": null } },
        "user_groups": [{ "from": 1, "to": 5, "users": 9, "test": over_seeds(0.2, 0.2) }, { "from": 5, "to": 6, "users": 1, "test": over_seeds(0.3, 0.3) }],
        "item_groups": [], "against": { "tuned": against(&["a1", "a2"]) },
    });
    let data = json!({ "source": "real", "users": 9, "items": 8, "train": 7, "valid": 6, "test": 5, "files": {} });
    let rows = json!({
        "dataset": "d", "data": data, "version": "1", "arithmetic": "loops", "processor": "P", "threads": 1, "neighbours": null,
        "methods": [method("popularity", "popularity", 0.01), method("ease", "EASE", 0.13)], "lists": { "ease": lists },
    });
    serde_json::from_value(rows).unwrap()
}

/// A row that also keeps a share of the text.
fn keeping(weights: &str, share: f64) -> Value {
    let mut row = row(weights, Value::Null);
    row["figures"]["overlap final-raw_text"] = json!({ "mean": share, "sd": null });
    row
}

const HOSTILE: &str = "</title><script>alert('1')</script>";

fn whole() -> Page {
    let first = results("first", "First", keeping("f", 0.5), keeping("a", 0.25));
    let second = results("second", HOSTILE, Value::Null, keeping("b", 0.75));
    let third = results("third", "A model with quite a long name of its own", row("c", Value::Null), Value::Null);
    let mut left_out = results("fourth", "Fourth", Value::Null, Value::Null);
    left_out.refused = Some("no <text> features".to_owned());
    let methods = methods();
    let models = vec![&first, &second, &third, &left_out];
    let table = ModelTable {
        protocol: vec!["Nine & <trials>.".to_owned()],
        datasets: vec![
            DatasetOfTable { name: "d".to_owned(), models, closed_forms: Some(&methods) },
            DatasetOfTable { name: "later".to_owned(), models: Vec::new(), closed_forms: None },
        ],
        missing: vec!["later: everything".to_owned()],
        command: "cargo xtask table".to_owned(),
    };
    html(&table)
}

fn section<'a>(html: &'a str, id: &str) -> &'a str {
    let rest = html.split(&format!("<section id=\"{id}\"")).nth(1).unwrap_or_else(|| panic!("{id}"));
    rest.split("</section>").next().unwrap()
}

#[test]
fn a_page_with_figures_has_every_row_its_interval_and_what_test_would_have_chosen() {
    let page = whole();
    let names: Vec<&str> = page.figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(names, ["data-1-accuracy", "data-1-against-tuned", "data-1-groups", "data-1-kept", "data-1-cost"]);
    let of = |name: &str| &page.figures.iter().find(|figure| figure.name == format!("data-1-{name}")).unwrap().panels;
    let [recall, ndcg] = &of("accuracy")[..] else { panic!("two panels") };
    // Best first; 0.11 ± 0.1271 over two seeds (see the test above); the best seed and epoch by test has 0.14.
    let rows = "EASE, without training, 0.1300; First, tuned, 0.1100 (−0.0171 to 0.2371), by test 0.1400; First, published settings, 0.1100 (−0.0171 to 0.2371), by test 0.1400; ";
    assert!(recall.about.contains(rows), "{}", recall.about);
    assert!(recall.about.ends_with("popularity, without training, 0.0100."), "{}", recall.about);
    assert!(ndcg.about.contains("EASE, without training, 0.0650"), "{}", ndcg.about);
    // Four filled marks of models, four hollow ones, and one of each in the legend: tuned, published; EASE has a mark and one in the legend.
    let count = |class: &str| recall.body.matches(&format!("class=\"{class}\"")).count();
    assert_eq!((count("dot final"), count("dot id"), count("dot mm")), (2 + 1, 2 + 1, 1 + 1));
    assert_eq!(count("hollow final") + count("hollow id"), 4 + 1);
    let caption = &page.figures[0].caption;
    assert!(
        caption.ends_with("An arrow at the left edge: too low for the axis.") && recall.body.matches('◂').count() == 1,
        "{caption}"
    );
    // Text is kept by two models, in one panel; nobody has a space of text of its own.
    assert_eq!(
        of("kept").iter().map(|panel| panel.title.as_str()).collect::<Vec<_>>(),
        ["Text kept in the scored space"]
    );
    assert!(of("kept")[0].about.contains("First, tuned: 0.1100 and 25\u{a0}%"), "{}", of("kept")[0].about);
    // Runs of 10 and 20 seconds; a method's own seconds, not those of its search.
    let time = &of("cost")[0].about;
    assert!(
        time.contains("First, tuned: 0.1100 and 15.0 s") && time.contains("EASE, without training: 0.1300 and 2.0 s"),
        "{time}"
    );
    assert!(
        !time.contains("popularity")
            && page.figures[4].caption.ends_with("Below 60\u{a0}% of the best and not drawn: popularity.")
    );
    assert!(of("groups")[0].about.contains("EASE 0.2000, 0.3000"), "{}", of("groups")[0].about);
    assert!(of("against-tuned")[0].about.contains("EASE −0.0100"), "{}", of("against-tuned")[0].about);
    let facts = page.html.split("<dl class=\"facts\">").nth(1).unwrap().split("</dl>").next().unwrap();
    assert!(facts.contains("<dd>4 of 8</dd>"), "the second seed of each of four rows ended at the cap: {facts}");
    let verdict = "On d a method without training leads, EASE, with a test Recall@20 of 0.1300; the best trained row, First with tuned settings, has 0.1100 (−0.0200; mean of 2 seeds, \
                   95\u{a0}% interval −0.0171 to 0.2371).";
    assert!(page.html.contains(verdict));
    assert!(section(&page.html, "table-glance").contains("<td class=\"number\">0.1100 *<small>± 0.0141</small></td>"));
}

#[test]
fn a_page_with_figures_says_what_is_missing_draws_nothing_of_it_and_escapes_every_name() {
    let page = whole();
    let missing = section(&page.html, "table-missing");
    assert!(
        missing.contains("<pre>cargo xtask table</pre>") && missing.contains("<li>later: everything</li>"),
        "{missing}"
    );
    assert!(!page.html.contains("id=\"data-2"), "nothing is drawn of a data set without a result");
    assert!(!page.html.contains("<script>alert") && page.html.contains("&lt;script&gt;alert(&#39;1&#39;)"));
    assert!(page.html.contains("Left out: Fourth (no &lt;text&gt; features)."));
    assert!(page.html.contains("<li>Nine &amp; &lt;trials&gt;.</li>") && page.html.contains("λ &lt;3&gt;"));
    assert!(!page.html.contains("http://") && !page.html.contains("https://"));
    assert_eq!(page.html, whole().html, "the same records give the same bytes");

    let empty = html(&ModelTable {
        datasets: vec![DatasetOfTable { name: "d".to_owned(), models: Vec::new(), closed_forms: None }],
        missing: vec!["d: everything".to_owned()],
        ..ModelTable::default()
    });
    assert!(empty.html.contains("Nothing is computed yet") && !empty.html.contains("<svg"), "no empty axes");

    // Methods alone: no line of the best among models that are not there, and no figure of spaces.
    let methods = methods();
    let alone = html(&ModelTable {
        datasets: vec![DatasetOfTable { name: "d".to_owned(), models: Vec::new(), closed_forms: Some(&methods) }],
        ..ModelTable::default()
    });
    assert!(alone.html.contains("no model is trained yet; of the methods without training EASE leads"));
    assert!(
        !alone.html.contains("dashed mm\" points") || alone.figures.iter().all(|figure| figure.name != "data-1-kept")
    );
}

#[test]
fn a_page_with_figures_is_no_wider_than_a_laptop_and_its_labels_are_inside() {
    let page = whole();
    for table in page.html.split("<table>").skip(1) {
        let head = table.split("</thead>").next().unwrap();
        assert!(head.matches("<th ").count() <= 7, "{head}");
    }
    for figure in &page.figures {
        for panel in &figure.panels {
            assert_eq!(panel.width, 420.0, "{}", figure.name);
            for text in panel.body.split("<text ").skip(1) {
                let of = |name: &str| text.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
                let (x, y): (f64, f64) = (of(" x").parse().unwrap(), of(" y").parse().unwrap());
                let words = text.split('>').nth(1).unwrap().split('<').next().unwrap();
                let words = words.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'");
                let wide = anchorrec_report::svg::text_width(&words, anchorrec_report::svg::LABEL);
                let left = match of("text-anchor") {
                    "start" => x,
                    "middle" => x - wide / 2.0,
                    _ => x - wide,
                };
                // The width of a text is an estimate: a label may be off by a letter.
                assert!(left > -9.0 && left + wide < panel.width + 9.0, "{}: {words}", figure.name);
                assert!(y > 0.0 && y <= panel.height, "{}: {words} at {y} of {}", figure.name, panel.height);
            }
        }
    }
}
