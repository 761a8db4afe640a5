//! From a finished run to lists, vectors and judgements: for every model, and with mistakes.

use crate::workplace::{Workplace, assert_fails_with, read_report, text};
use anchorrec_data::read_npy_f32;
use anchorrec_models::MODELS;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::process::Output;

const QUICK: [&str; 6] = ["--dataset", "small", "--epochs", "2", "--set", "train.batch_size=256"];

struct Shop {
    place: Workplace,
    /// The folder of the run.
    run: String,
    report: Value,
}

impl Shop {
    fn new(args: &[&str]) -> Self {
        let place = Workplace::new();
        let output = place.run(&[&QUICK[..], args].concat());
        let report = read_report(&output, place.0.path());
        let path =
            text(&output.stdout).lines().find_map(|line| line.strip_prefix("report: ").map(str::to_owned)).unwrap();
        let run = Path::new(&path).parent().unwrap().display().to_string();
        Shop { place, run, report }
    }

    fn call(&self, command: &str, args: &[&str]) -> Output {
        self.place.anchorrec(command).args(args).output().unwrap()
    }

    #[track_caller]
    fn succeeds(&self, command: &str, args: &[&str]) -> String {
        let output = self.call(command, args);
        assert!(output.status.success(), "{command} {args:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    fn recommend(&self, args: &[&str]) -> Output {
        self.call("recommend", &[&[self.run.as_str()], args].concat())
    }

    /// Items and scores of each user, in the order of a CSV of lists.
    fn lists(&self, file: &str) -> HashMap<String, Vec<(String, f64)>> {
        let mut lists: HashMap<String, Vec<(String, f64)>> = HashMap::new();
        for row in csv::Reader::from_path(self.place.path(file)).unwrap().records() {
            let row = row.unwrap();
            lists.entry(row[0].to_owned()).or_default().push((row[2].to_owned(), row[4].parse().unwrap()));
        }
        lists
    }

    fn ids(&self, file: &str) -> HashMap<String, usize> {
        let text = fs::read_to_string(self.place.path(file)).unwrap();
        text.lines().enumerate().map(|(row, id)| (id.to_owned(), row)).collect()
    }
}

#[test]
fn every_model_recommends_its_evaluations_lists_and_exports_the_vectors_that_score() {
    for model in MODELS.iter() {
        let shop = Shop::new(&["--model", model.name(), "--analyse"]);
        let (run, twin) = (shop.run.as_str(), shop.place.twin().display().to_string());
        assert!(shop.recommend(&["--out", "top.csv", "--top", "50"]).status.success(), "{model}");
        // What the analysis ranked, as an evaluation ranks.
        let lists = shop.lists("top.csv");
        let users: Value =
            serde_json::from_str(&fs::read_to_string(shop.place.path(run).join("seed-999.users.json")).unwrap())
                .unwrap();
        let dataset = anchorrec_data::Dataset::load(&shop.place.twin()).unwrap();
        for (user, top) in users["users"].as_array().unwrap().iter().zip(users["top"].as_array().unwrap()) {
            let user = dataset.user_name(user.as_u64().unwrap() as u32);
            let top: Vec<String> =
                top.as_array().unwrap().iter().map(|item| dataset.item_name(item.as_u64().unwrap() as u32)).collect();
            let ours: Vec<&String> = lists[&user].iter().take(20).map(|entry| &entry.0).collect();
            assert_eq!(ours, top.iter().collect::<Vec<_>>(), "{model}, user {user}");
        }
        // The product's own metrics come back from its lists.
        shop.succeeds("evaluate", &["top.csv", "--data", &twin, "--json", "judged.json"]);
        let judged: Value = serde_json::from_str(&fs::read_to_string(shop.place.path("judged.json")).unwrap()).unwrap();
        for metric in ["recall@5", "recall@20", "ndcg@10", "ndcg@50", "map@20", "precision@20"] {
            let (ours, own) = (
                judged["lists"][0]["metrics"][metric]["value"].as_f64(),
                shop.report["runs"][0]["test"][metric].as_f64(),
            );
            assert!((ours.unwrap() - own.unwrap()).abs() < 1e-12, "{model} {metric}: {ours:?}, {own:?}");
        }
        // The dot product of exported rows is the score.
        shop.succeeds("export", &[run, "--out", "vectors", "--format", "npy"]);
        let [users, items] = ["users", "items"].map(|name| {
            let rows = read_npy_f32(&shop.place.path(&format!("vectors/{name}.npy"))).unwrap().mapv(f64::from);
            (rows, shop.ids(&format!("vectors/{name}.ids.txt")))
        });
        for (user, list) in &lists {
            let u = users.0.row(users.1[user]);
            for (item, score) in list {
                let v = items.0.row(items.1[item]);
                let scale = u.dot(&u).sqrt() * v.dot(&v).sqrt();
                assert!((u.dot(&v) - score).abs() <= 1e-6 * scale, "{model}: {user} {item} {score} {}", u.dot(&v));
            }
        }
    }
}

#[test]
fn exported_rows_come_by_length_and_lifted_ones_rank_by_cosine() {
    let shop = Shop::new(&["--model", "lightgcn"]);
    shop.succeeds("export", &[&shop.run, "--out", "plain", "--format", "npy,jsonl,copy"]);
    let said = shop.succeeds("export", &[&shop.run, "--out", "lifted", "--format", "npy", "--for", "cosine"]);
    assert!(said.contains("one number was added"), "{said}");
    let read = |file: &str| read_npy_f32(&shop.place.path(file)).unwrap().mapv(f64::from);
    let (plain, lifted) = (read("plain/items.npy"), read("lifted/items.npy"));
    assert_eq!(lifted.ncols(), plain.ncols() + 1);
    let lengths =
        |rows: &ndarray::Array2<f64>| rows.rows().into_iter().map(|row| row.dot(&row).sqrt()).collect::<Vec<_>>();
    assert!(lengths(&plain).is_sorted(), "rising");
    assert!(lengths(&lifted.slice(ndarray::s![.., ..plain.ncols()]).to_owned()).is_sorted_by(|a, b| a >= b), "falling");
    let all = lengths(&lifted);
    assert!(all.iter().all(|length| (length / all[0] - 1.0).abs() < 1e-5), "one length: {all:?}");
    let lines = fs::read_to_string(shop.place.path("plain/items.jsonl")).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["vector"].as_array().unwrap().len(), plain.ncols());
    let copy = fs::read_to_string(shop.place.path("plain/users.copy")).unwrap();
    assert!(copy.lines().all(|line| line.split_once("\t[").is_some_and(|(_, rest)| rest.ends_with(']'))), "{copy}");
    let manifest: Value =
        serde_json::from_str(&fs::read_to_string(shop.place.path("plain/manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["weights_sha256"], shop.report["runs"][0]["checkpoint_sha256"]);
    assert_eq!(manifest["check"].as_array().unwrap().len(), 10);

    // The lists of a store that is right, and of one that forgot an item and turned another list round.
    assert!(shop.recommend(&["--out", "store.csv", "--exclude", "none", "--top", "4"]).status.success());
    let said = shop.succeeds("export", &[&shop.run, "--check", "store.csv"]);
    assert!(said.contains("1.0000 of the model's own") && said.contains("another first     0"), "{said}");
    let rows: Vec<String> =
        fs::read_to_string(shop.place.path("store.csv")).unwrap().lines().map(str::to_owned).collect();
    let users = (rows.len() - 1) / 4;
    let mut wrong = rows.clone();
    wrong.remove(1);
    fs::write(shop.place.path("store.csv"), wrong.join("\n")).unwrap();
    let said = shop.succeeds("export", &[&shop.run, "--check", "store.csv"]);
    let share = format!("{:.4} of the model's own", 1.0 - 1.0 / (4.0 * users as f64));
    assert!(said.contains(&share) && said.contains("another first     1: "), "{share}: {said}");

    // Equal scores leave the order open: which one was taken is said.
    let fields: Vec<&str> = rows[1].split(',').collect();
    let other = rows[2].split(',').nth(2).unwrap();
    let tied = format!("user,item,score\n{0},{1},1\n{0},{other},1\n", fields[0], fields[2]);
    fs::write(shop.place.path("tied.csv"), tied).unwrap();
    let checked = shop.call("export", &[&shop.run, "--check", "tied.csv"]);
    let said = text(&checked.stderr);
    assert!(
        checked.status.success() && said.contains("note: tied.csv: 1 item has the score of the one before"),
        "{said}"
    );
}

#[test]
fn lists_hold_what_is_allowed_and_nothing_that_is_denied() {
    let shop = Shop::new(&["--model", "lightgcn"]);
    assert!(shop.recommend(&["--out", "all.csv", "--exclude", "none", "--top", "60"]).status.success());
    let (user, all) = shop.lists("all.csv").into_iter().next().unwrap();
    let ids: Vec<String> = all.iter().map(|entry| entry.0.clone()).collect();
    fs::write(shop.place.path("allow.txt"), ids[3..9].join("\n")).unwrap();
    fs::write(shop.place.path("deny.txt"), format!("{}\n", ids[0])).unwrap();
    let of = |args: &[&str]| {
        let output = shop.recommend(&[&["--out", "some.csv", "--exclude", "none", "--user", &user], args].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        shop.lists("some.csv").remove(&user).unwrap().into_iter().map(|entry| entry.0).collect::<Vec<_>>()
    };
    assert_eq!(of(&["--allow", "allow.txt"]), ids[3..9]);
    assert_eq!(of(&["--deny", "deny.txt", "--top", "5"]), ids[1..6]);
    fs::write(shop.place.path("deny.txt"), format!("{}\n", ids[4])).unwrap();
    let refused = shop.recommend(&["--allow", "allow.txt", "--deny", "deny.txt"]);
    assert_fails_with(&refused, &["1 item is both allowed and denied", &ids[4]]);
}

/// Users of whose items nothing is left: they are counted and named, and no count says that they have a list.
#[test]
fn whoever_is_left_without_a_list_is_named() {
    let shop = Shop::new(&["--model", "lightgcn"]);
    let dataset = anchorrec_data::Dataset::load(&shop.place.twin()).unwrap();
    let train = dataset.interactions.by_user(anchorrec_data::Split::Train);
    // The item that most users have.
    let most = (0..60).max_by_key(|&item| (0..120).filter(|&user| train.has(user, item)).count()).unwrap();
    let have: Vec<String> =
        (0..120).filter(|&user| train.has(user, most)).map(|user| dataset.user_name(user)).collect();
    let others: Vec<String> = train
        .users_with_items()
        .into_iter()
        .filter(|&user| !train.has(user, most))
        .map(|user| dataset.user_name(user))
        .collect();
    assert!(have.len() > 5 && others.len() > 5);
    fs::write(shop.place.path("one.txt"), dataset.item_name(most)).unwrap();
    let without = format!("note: {} users have no item left and no list: {}", have.len(), have[..5].join(", "));
    for out in ["f.csv", "f.run", "f.jsonl"] {
        let output = shop.recommend(&["--allow", "one.txt", "--top", "3", "--out", out]);
        let (said, done) = (text(&output.stderr), text(&output.stdout));
        assert!(
            said.contains(&without) && said.contains(&format!("note: {} users have fewer than 3", others.len())),
            "{said}"
        );
        assert!(done.contains(&format!("recommendations for {} users: {out}", others.len())), "{done}");
    }
    let rows = fs::read_to_string(shop.place.path("f.csv")).unwrap();
    assert_eq!(rows.lines().count(), 1 + others.len());
    // One alone, on the screen; new users; and the lists after training.
    let said = text(&shop.recommend(&["--allow", "one.txt", "--user", &have[0]]).stderr);
    assert!(said.contains(&format!("note: 1 user has no item left and no list: {}", have[0])), "{said}");
    fs::write(shop.place.path("new.csv"), format!("user,item\nnobody,{}\n", dataset.item_name(most))).unwrap();
    let output = shop.recommend(&["--allow", "one.txt", "--new-users", "new.csv", "--out", "n.csv"]);
    let (said, done) = (text(&output.stderr), text(&output.stdout));
    assert!(
        said.contains("note: 1 user has no item left and no list: nobody") && done.contains("for 0 users"),
        "{said}{done}"
    );
}

#[test]
fn a_new_user_gets_a_list_without_its_own_items() {
    let shop = Shop::new(&["--model", "lightgcn"]);
    assert!(shop.recommend(&["--out", "all.csv", "--top", "60", "--exclude", "none"]).status.success());
    let ids: Vec<String> =
        shop.lists("all.csv").into_values().next().unwrap().into_iter().map(|entry| entry.0).collect();
    let rows = format!("user,item\nnew one,{}\nnew one,{}\nanother,{}\n", ids[0], ids[5], ids[9]);
    fs::write(shop.place.path("new.csv"), rows).unwrap();
    for way in ["propagation", "ridge", "mean"] {
        let output =
            shop.recommend(&["--new-users", "new.csv", "--fold-in", way, "--out", "new-lists.csv", "--top", "60"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let lists = shop.lists("new-lists.csv");
        let own = |user: &str, n: usize| lists[user].iter().any(|entry| entry.0 == ids[n]);
        assert!(lists.len() == 2 && !own("new one", 0) && !own("new one", 5) && !own("another", 9), "{way}");
        assert!(own("another", 0) && lists["another"].len() == ids.len() - 1, "{way}");
    }
    fs::write(shop.place.path("new.csv"), "user,item\nnew one,no such thing\n").unwrap();
    assert_fails_with(
        &shop.recommend(&["--new-users", "new.csv"]),
        &["new.csv: 1 of 1 item ids are not known", "no such thing"],
    );
}

/// A folder with text features of items, which are those of items of the twin.
fn new_items(shop: &Shop, folder: &str, items: &[(&str, usize)]) {
    let text = read_npy_f32(&shop.place.twin().join("text_feat.npy")).unwrap();
    let mut rows = format!("item,{}\n", (0..text.ncols()).map(|n| format!("v{n}")).collect::<Vec<_>>().join(","));
    for (id, row) in items {
        let numbers: Vec<String> = text.row(*row).iter().map(ToString::to_string).collect();
        rows += &format!("{id},{}\n", numbers.join(","));
    }
    fs::create_dir_all(shop.place.path(folder)).unwrap();
    fs::write(shop.place.path(folder).join("text.csv"), rows).unwrap();
}

#[test]
fn new_items_stand_beside_known_ones_and_change_none_of_their_scores() {
    let shop = Shop::new(&["--model", "anchorrec"]);
    new_items(&shop, "new", &[("fresh", 3), ("newer", 8)]);
    let everything = ["--exclude", "none", "--top", "1000"];
    let of = |args: &[&str]| {
        let output = shop.recommend(&[&["--out", "lists.csv"], &everything[..], args].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        (shop.lists("lists.csv"), text(&output.stderr))
    };
    let (before, _) = of(&[]);
    for way in ["blend", "neighbours"] {
        let new = ["--new-items", "new", "--place", way];
        let (after, said) = of(&new);
        assert!(said.contains("2 new items, placed by their text features"), "{said}");
        shop.succeeds("export", &[&[shop.run.as_str(), "--out", way, "--format", "npy"], &new[..]].concat());
        let [users, items] = ["users", "items"].map(|name| {
            let rows = read_npy_f32(&shop.place.path(&format!("{way}/{name}.npy"))).unwrap().mapv(f64::from);
            (rows, shop.ids(&format!("{way}/{name}.ids.txt")))
        });
        for (user, list) in &after {
            let known: Vec<_> =
                list.iter().filter(|entry| !["fresh", "newer"].contains(&entry.0.as_str())).cloned().collect();
            assert_eq!(known, before[user], "{way}");
            assert_eq!(list.len(), known.len() + 2, "{way}");
            for (item, score) in list {
                let (u, v) = (users.0.row(users.1[user]), items.0.row(items.1[item]));
                let scale = u.dot(&u).sqrt() * v.dot(&v).sqrt();
                assert!((u.dot(&v) - score).abs() <= 1e-6 * scale, "{way}: {user} {item}");
            }
        }
        let (alone, _) = of(&[&new[..], &["--only-new"]].concat());
        assert!(alone.values().all(|list| list.len() == 2), "{way}");
        // They take about the share of the places that they have in the catalogue.
        let output = shop.recommend(&[&["--out", "lists.csv"], &new[..]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let lists = shop.lists("lists.csv");
        let fresh = lists.values().flatten().filter(|entry| ["fresh", "newer"].contains(&entry.0.as_str())).count();
        let places: usize = lists.values().map(Vec::len).sum();
        let share = 2.0 / (before.values().next().unwrap().len() + 2) as f64;
        assert!((fresh as f64 / places as f64 / share - 1.0).abs() < 0.05, "{way}: {fresh} of {places}, {share}");
    }
    // New users and new items meet; a user of one item finds that item's twin among the new ones first.
    let id = anchorrec_data::Dataset::load(&shop.place.twin()).unwrap().item_name(3);
    fs::write(shop.place.path("users.csv"), format!("user,item\nsomebody,{id}\n")).unwrap();
    let (lists, _) = of(&["--new-items", "new", "--only-new", "--new-users", "users.csv"]);
    assert_eq!(lists["somebody"][0].0, "fresh");
}

#[test]
fn a_new_item_is_like_the_known_ones_that_it_stands_among() {
    let shop = Shop::new(&["--model", "anchorrec"]);
    new_items(&shop, "new", &[("fresh", 3), ("newer", 8)]);
    let twin = anchorrec_data::Dataset::load(&shop.place.twin()).unwrap().item_name(3);
    let similar = |args: &[&str]| {
        let said =
            shop.succeeds("similar", &[&[shop.run.as_str(), "--new-items", "new", "--top", "1000"], args].concat());
        said.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect::<Vec<Vec<String>>>()
    };
    // By the features themselves it is like the item that they were taken from, and that item is like it.
    for (asked, first) in [("fresh", twin.as_str()), (twin.as_str(), "fresh")] {
        let rows = similar(&["--item", asked, "--space", "raw_text"]);
        assert_eq!((rows[0][2].as_str(), rows.len()), (first, 61), "{asked}");
        assert!((rows[0][4].parse::<f64>().unwrap() - 1.0).abs() < 1e-5, "{rows:?}");
    }
    let rows = similar(&["--item", "fresh"]);
    let place = rows.iter().position(|row| row[2] == twin).unwrap();
    assert!(place < 10, "{place}");
    // Known items are as similar to one another as without new ones.
    let known = |rows: Vec<Vec<String>>| -> Vec<(String, String)> {
        let old = rows.into_iter().filter(|row| !["fresh", "newer"].contains(&row[2].as_str()));
        old.map(|row| (row[2].clone(), row[4].clone())).collect()
    };
    let plain = shop.succeeds("similar", &[&shop.run, "--item", &twin, "--top", "1000"]);
    let plain = plain.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect();
    assert_eq!(known(similar(&["--item", &twin])), known(plain));
    let refused = shop.call("similar", &[&shop.run, "--item", "fresh", "--new-items", "new", "--space", "mm"]);
    assert_fails_with(&refused, &["--space mm: new items have a place in the spaces `final` and `raw_text`"]);
}

#[test]
fn new_items_that_cannot_be_placed_are_refused() {
    let shop = Shop::new(&["--model", "anchorrec"]);
    let id = anchorrec_data::Dataset::load(&shop.place.twin()).unwrap().item_name(3);
    let with = |folder: &str| shop.recommend(&["--new-items", folder, "--out", "lists.csv"]);
    assert_fails_with(&with("nowhere"), &["--new-items nowhere: expected a folder with features of new items"]);
    new_items(&shop, "old", &[(&id, 3)]);
    assert_fails_with(
        &with("old"),
        &["text.csv: expected features of an item that the model does not know", "1 row of an item"],
    );
    fs::create_dir_all(shop.place.path("narrow")).unwrap();
    fs::write(shop.place.path("narrow/text.csv"), "item,v0,v1\nfresh,1,2\nfresher,2,1\n").unwrap();
    assert_fails_with(
        &with("narrow"),
        &["text.csv: expected text features as wide as those of the run's data set", "found 2"],
    );
    fs::create_dir_all(shop.place.path("empty")).unwrap();
    assert_fails_with(&with("empty"), &["empty: expected features of new items of a kind", "text", "found none"]);
    // Some known, some new: what is known stays where it is, and that is said.
    new_items(&shop, "both", &[(&id, 3), ("fresh", 5)]);
    let output = with("both");
    let said = text(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 row is of an item that the model knows") && said.contains(&id),
        "{said}"
    );
    assert!(!shop.place.path("lists.csv.partial").exists());
    assert_fails_with(
        &shop.call("export", &[&shop.run, "--out", "v", "--space", "text", "--new-items", "both"]),
        &["--new-items: new items have a place in the space `final` alone"],
    );
}

#[test]
fn items_without_features_of_their_own_are_like_nothing() {
    let shop = Shop::new(&["--model", "lightgcn"]);
    let dataset = anchorrec_data::Dataset::load(&shop.place.twin()).unwrap();
    let [asked, filled] = [0, 1].map(|item| dataset.item_name(item));
    let all = ["--item", &asked, "--space", "raw_vision", "--top", "1000"];
    let before = shop.succeeds("similar", &[&[shop.run.as_str()], &all[..]].concat());
    assert!(before.lines().any(|line| line.split(',').nth(2) == Some(&filled)), "{before}");
    fs::write(shop.place.twin().join("missing_image.csv"), "itemID\tfilled_with\n1\tmean\n").unwrap();
    let output = shop.call("similar", &[&[shop.run.as_str()], &all[..]].concat());
    let (after, said) = (text(&output.stdout), text(&output.stderr));
    assert!(
        said.contains("note: 1 item has no vision features of its own") && said.contains("missing_image.csv"),
        "{said}"
    );
    assert_eq!(after.lines().count() + 1, before.lines().count());
    assert!(!after.lines().any(|line| line.split(',').nth(2) == Some(&filled)), "{after}");
    // Other features are not touched by it; asked for by itself it is an error.
    let texts = shop.succeeds("similar", &[&shop.run, "--item", &filled, "--space", "raw_text"]);
    assert_eq!(texts.lines().count(), 11);
    let refused = shop.call("similar", &[&shop.run, "--item", &filled, "--space", "raw_vision"]);
    assert_fails_with(&refused, &["no vision features of its own", &filled]);
    // A store of such a space would find it near everything.
    for (space, count) in [("raw_vision", 59), ("raw_text", 60)] {
        let exported = shop.call("export", &[&shop.run, "--out", space, "--format", "npy", "--space", space]);
        assert!(exported.status.success(), "{}", text(&exported.stderr));
        let ids = shop.ids(&format!("{space}/items.ids.txt"));
        assert_eq!((ids.len(), ids.contains_key(&filled)), (count, count == 60), "{space}");
        let note = "note: 1 item has no vision features of its own";
        assert_eq!(
            text(&exported.stderr).contains(note) && text(&exported.stderr).contains("not exported"),
            count == 59,
            "{space}"
        );
    }
}

#[test]
fn a_check_counts_users_that_the_store_forgot_and_names_those_that_it_cannot_know() {
    let shop = Shop::new(&["--model", "lightgcn"]);
    assert!(shop.recommend(&["--out", "store.csv", "--exclude", "none", "--top", "4"]).status.success());
    let rows = fs::read_to_string(shop.place.path("store.csv")).unwrap();
    let first = rows.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let without: Vec<&str> = rows.lines().filter(|row| row.split(',').next() != Some(&first)).collect();
    fs::write(shop.place.path("store.csv"), without.join("\n")).unwrap();
    let said = shop.succeeds("export", &[&shop.run, "--check", "store.csv"]);
    assert!(said.contains("1.0000 of the model's own"), "{said}");
    assert!(said.contains(&format!("users without a list         1: {first}")), "{said}");
}

#[test]
fn similar_items_have_the_largest_cosines() {
    let shop = Shop::new(&["--model", "anchorrec"]);
    shop.succeeds("export", &[&shop.run, "--out", "v", "--format", "npy"]);
    let (rows, ids) =
        (read_npy_f32(&shop.place.path("v/items.npy")).unwrap().mapv(f64::from), shop.ids("v/items.ids.txt"));
    let (wanted, &place) = ids.iter().next().unwrap();
    let length = |row: usize| rows.row(row).dot(&rows.row(row)).sqrt();
    let cosine = |row: usize| rows.row(row).dot(&rows.row(place)) / length(row) / length(place);
    let said = shop.succeeds("similar", &[&shop.run, "--item", wanted, "--top", "5"]);
    let table: Vec<Vec<String>> =
        said.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect();
    assert_eq!(table.len(), 5);
    let mut others: Vec<f64> = (0..rows.nrows()).filter(|&row| row != place).map(cosine).collect();
    others.sort_by(|a, b| b.total_cmp(a));
    for (row, best) in table.iter().zip(others) {
        assert!((row[4].parse::<f64>().unwrap() - best).abs() < 1e-5, "{row:?}, {best}");
    }
    let texts = shop.succeeds("similar", &[&shop.run, "--item", wanted, "--space", "raw_text"]);
    assert_ne!(texts, shop.succeeds("similar", &[&shop.run, "--item", wanted]));
    let refused = shop.call("similar", &[&shop.run, "--item", wanted, "--space", "smell"]);
    assert_fails_with(&refused, &["`smell`", "final, id, mm, text, vision", "raw_text"]);
}

#[test]
fn lists_of_two_tools_are_compared_and_every_definition_has_its_line() {
    let shop = Shop::new(&["--model", "lightgcn"]);
    let twin = shop.place.twin().display().to_string();
    assert!(shop.recommend(&["--out", "a.csv"]).status.success());
    assert!(shop.recommend(&["--out", "a.run"]).status.success());
    // Another tool: the same lists, turned round.
    let rows: Vec<String> = fs::read_to_string(shop.place.path("a.csv")).unwrap().lines().map(str::to_owned).collect();
    let turned: Vec<String> = rows[1..]
        .iter()
        .map(|row| {
            let fields: Vec<&str> = row.split(',').collect();
            format!("{},{},{}", fields[0], fields[2], 21 - fields[1].parse::<i32>().unwrap())
        })
        .collect();
    fs::write(shop.place.path("b.csv"), format!("user,item,rank\n{}", turned.join("\n"))).unwrap();
    let said =
        shop.succeeds("evaluate", &["a.csv", "a.run", "b.csv", "--data", &twin, "--at", "5,20", "--json", "j.json"]);
    assert!(said.contains("compared with a.csv") && said.contains("ndcg@20"), "{said}");
    let judged: Value = serde_json::from_str(&fs::read_to_string(shop.place.path("j.json")).unwrap()).unwrap();
    let [a, run, b] = [0, 1, 2].map(|n| judged["lists"][n]["metrics"].clone());
    assert_eq!(a, run);
    assert_eq!(a["recall@20"], b["recall@20"]);
    assert_ne!(a["ndcg@20"], b["ndcg@20"]);
    assert_eq!(judged["lists"][1]["against_first"]["ndcg@20"]["mean"], 0.0);
    let all = shop.succeeds("evaluate", &["a.csv", "--data", &twin, "--definition", "all"]);
    for library in ["RecBole 1.2.1", "LensKit", "torchmetrics"] {
        assert!(all.contains(library), "{all}");
    }
    // Columns stand below one another, and nothing that was asked for is left out without a word.
    let ends: BTreeSet<usize> = all.lines().skip_while(|line| !line.starts_with(' ')).map(str::len).collect();
    assert_eq!(ends.len(), 1, "{all}");
    let refused = shop.call("evaluate", &["a.csv", "--data", &twin, "--definition", "all", "--json", "all.json"]);
    assert_fails_with(&refused, &["--json: holds the results of one definition"]);
}

#[test]
fn mistakes_are_one_sentence() {
    let shop = Shop::new(&["--model", "lightgcn"]);
    let place = &shop.place;
    assert_fails_with(
        &shop.recommend(&["--user", "nobody", "--user", "nothing"]),
        &["--user: 2 of 2 user ids are not known", "nobody, nothing"],
    );
    fs::write(place.path("users.txt"), "a\nb\nc\nd\ne\nf\ng\n").unwrap();
    assert_fails_with(
        &shop.recommend(&["--users", "users.txt"]),
        &["users.txt: 7 of 7 user ids", "a, b, c, d, e and 2 more"],
    );
    fs::write(place.path("users.txt"), "\n").unwrap();
    assert_fails_with(&shop.recommend(&["--users", "users.txt"]), &["users.txt: expected ids, one a line, found none"]);
    assert_fails_with(
        &shop.recommend(&["--out", "lists.xls"]),
        &["lists.xls", ".csv, .jsonl, .parquet, .run or .trec"],
    );
    assert_fails_with(&shop.recommend(&["--seed", "5"]), &["no run of seed 5", "999"]);
    assert_fails_with(&shop.call("recommend", &["runs/none"]), &["runs/none", "the folder of a finished run"]);
    assert_fails_with(
        &shop.call("similar", &[&shop.run, "--item", "x"]),
        &["--item: 1 of 1 item ids are not known", ": x"],
    );

    // Another data set: one row fewer.
    fs::create_dir(place.path("other")).unwrap();
    for entry in fs::read_dir(place.twin()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, place.path("other").join(path.file_name().unwrap())).unwrap();
    }
    let inter = place.path("other/small.inter");
    let rows = fs::read_to_string(&inter).unwrap();
    let fewer: Vec<&str> = rows.lines().enumerate().filter(|(line, _)| *line != 1).map(|(_, row)| row).collect();
    fs::write(&inter, fewer.join("\n")).unwrap();
    assert_fails_with(
        &shop.recommend(&["--data", "other"]),
        &["other: this is not the data set that the run was trained on", "small.inter"],
    );
    fs::rename(place.twin(), place.path("moved")).unwrap();
    assert_fails_with(&shop.recommend(&[]), &["no longer there: name its folder with --data"]);
    assert!(shop.recommend(&["--data", "moved", "--out", "top.csv"]).status.success());

    // A damaged run, and nothing half written.
    let weights = place.path(&shop.run).join("seed-999.best.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&weights, bytes).unwrap();
    assert_fails_with(
        &shop.recommend(&["--data", "moved", "--out", "later.csv"]),
        &["seed-999.best.safetensors", "not those of the report"],
    );
    assert!(!place.path("later.csv").exists());
}
