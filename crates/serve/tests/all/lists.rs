//! What is answered is what the retrieval crate makes.

use crate::client::{Connection, get, post};
use crate::shop::{ITEMS, Shop, USERS, embeddings, spaces};
use anchorrec_data::{Dataset, Split};
use anchorrec_retrieval::candidates::never;
use anchorrec_retrieval::fold_in::{FoldIn, Way};
use anchorrec_retrieval::names::Names;
use anchorrec_retrieval::similar::similar;
use anchorrec_retrieval::table::{TableFormat, write};
use anchorrec_retrieval::{Exclude, List, Retriever};
use serde_json::{Value, json};

/// The line that a file of JSON lines would have.
fn line(dataset: &Dataset, user: &str, list: &List) -> String {
    let mut text = Vec::new();
    write(TableFormat::JsonLines, &mut text, &Names::of_items(dataset), |add| add(user, list)).unwrap();
    String::from_utf8(text).unwrap()
}

fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["item"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_known_user_gets_the_line_of_recommend_to_the_last_byte() {
    let shop = Shop::open();
    let dataset = Dataset::load(shop.folder.path()).unwrap();
    let embeddings = embeddings(1);
    let connection = &mut Connection::open(shop.address);
    for (exclude, name) in [(Exclude::Train, "train"), (Exclude::All, "all"), (Exclude::None, "none")] {
        let retriever = Retriever::new(&embeddings, &dataset.interactions, exclude, &[]);
        for user in 0..USERS as u32 - 1 {
            let id = dataset.user_name(user);
            let answer = connection.get(&format!("/recommend?user={id}&exclude={name}"));
            let list = &retriever.lists(&[user], 20)[0];
            assert_eq!((answer.status, answer.text()), (200, line(&dataset, &id, list)), "{id} {name}");
        }
    }
    let one = connection.get("/recommend?user=u3&top=1000");
    assert_eq!(ids(&one.json()).len(), ITEMS - dataset.interactions.by_user(Split::Train).of(3).len());
    assert_eq!(connection.post("/recommend", r#"{"user":"u3"}"#).text(), connection.get("/recommend?user=u3").text());
}

#[test]
fn lists_that_are_made_together_have_the_bits_of_lists_that_are_made_alone() {
    let shop = Shop::open();
    let alone: Vec<String> =
        (0..USERS - 1).map(|user| get(shop.address, &format!("/recommend?user=u{user}")).text()).collect();
    let requests: Vec<Value> = (0..USERS - 1).map(|user| json!({ "user": format!("u{user}") })).collect();
    let batch = post(shop.address, "/recommend/batch", &json!({ "requests": requests }).to_string());
    let lines: Vec<&str> = alone.iter().map(|line| line.trim_end()).collect();
    assert_eq!(batch.text(), format!("{{\"lists\":[{}]}}\n", lines.join(",")));
    // From many connections at once.
    std::thread::scope(|scope| {
        for start in 0..8 {
            let (alone, address) = (&alone, shop.address);
            scope.spawn(move || {
                let connection = &mut Connection::open(address);
                for n in 0..200 {
                    let user = (start * 7 + n * 13) % (USERS - 1);
                    assert_eq!(connection.get(&format!("/recommend?user=u{user}")).text(), alone[user]);
                }
            });
        }
    });
    let metrics = get(shop.address, "/metrics").text();
    let of = |name: &str| {
        let line = metrics.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {metrics}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    assert!(of("anchorrec_lists_together_count") < of("anchorrec_lists_total"), "nothing was made together: {metrics}");
}

#[test]
fn a_new_user_gets_the_line_of_recommend() {
    let shop = Shop::open();
    let dataset = Dataset::load(shop.folder.path()).unwrap();
    let embeddings = embeddings(1);
    let retriever = Retriever::new(&embeddings, &dataset.interactions, Exclude::Train, &[]);
    let fold_in = FoldIn::new(Way::Mean, embeddings.items.view(), &dataset.interactions);
    let history = vec![2, 9, 40];
    let list =
        |own: Vec<u32>| retriever.lists_for(fold_in.users(std::slice::from_ref(&history)).view(), &[own], 20).remove(0);
    let body = json!({ "user": "ann", "items": ["i40", "i2", "i9", "i2"] }).to_string();
    assert_eq!(post(shop.address, "/recommend", &body).text(), line(&dataset, "ann", &list(history.clone())));
    let body = json!({ "user": "ann", "items": ["i40", "i2", "i9"], "exclude": "none" }).to_string();
    assert_eq!(post(shop.address, "/recommend", &body).text(), line(&dataset, "ann", &list(vec![])));
    let nameless = get(shop.address, "/recommend?item=i40&item=i2&item=i9").json();
    assert_eq!((&nameless["user"], ids(&nameless).len()), (&Value::Null, 20));
    // An item that the data set does not know.
    let body = json!({ "items": ["i40", "gone", "i2", "i9"], "skip_unknown": true }).to_string();
    let skipped = post(shop.address, "/recommend", &body).json();
    assert_eq!((&skipped["skipped"], ids(&skipped)), (&json!(["gone"]), ids(&nameless)));
}

#[test]
fn what_is_denied_is_in_no_list_and_only_what_is_allowed_is() {
    let shop = Shop::open();
    let whole = ids(&get(shop.address, "/recommend?user=u7&top=1000").json());
    let denied = get(shop.address, &format!("/recommend?user=u7&top=1000&deny={}&deny={}", whole[0], whole[5])).json();
    let want: Vec<&String> = whole.iter().filter(|id| **id != whole[0] && **id != whole[5]).collect();
    assert_eq!(ids(&denied).iter().collect::<Vec<_>>(), want);
    let allow: Vec<&String> = whole.iter().step_by(90).collect();
    let body = json!({ "user": "u7", "allow": allow, "deny": [whole[1]] }).to_string();
    assert_eq!(ids(&post(shop.address, "/recommend", &body).json()).iter().collect::<Vec<_>>(), allow);
    // What a user has is left out even where it is allowed.
    let taken = get(shop.address, "/users/u7").json()["items"][0]["item"].as_str().unwrap().to_owned();
    assert!(ids(&get(shop.address, &format!("/recommend?user=u7&allow={taken}")).json()).is_empty());
    let back = get(shop.address, &format!("/recommend?user=u7&allow={taken}&exclude=none")).json();
    assert_eq!(ids(&back), [taken]);
    // Many that allow few things, at once: each its own, and the same as alone.
    let ask = |n: usize| json!({ "user": format!("u{n}"), "allow": [whole[n], whole[n + 1], whole[n + 2]], "deny": [whole[n + 3]] });
    let batch = json!({ "requests": (0..40).map(ask).collect::<Vec<_>>() }).to_string();
    let together = post(shop.address, "/recommend/batch", &batch).json();
    for n in 0..40 {
        let alone = post(shop.address, "/recommend", &ask(n).to_string()).json();
        assert_eq!(together["lists"][n], alone);
        assert!(ids(&alone).iter().all(|id| whole[n..n + 3].contains(id)), "{alone}");
    }
}

#[test]
fn a_user_of_whom_nothing_is_known_gets_popular_items_if_asked_and_marked_as_such() {
    let shop = Shop::open();
    let dataset = Dataset::load(shop.folder.path()).unwrap();
    let mut counts = vec![0; ITEMS];
    dataset.interactions.train.iter().for_each(|pair| counts[pair.item as usize] += 1);
    let mut order: Vec<usize> = (0..ITEMS).collect();
    order.sort_by_key(|&item| (std::cmp::Reverse(counts[item]), item));
    let want: Vec<String> = order[..20].iter().map(|item| format!("i{item}")).collect();
    for ask in ["user=nobody", "user=u59", "item=gone&skip_unknown=true"] {
        let answer = get(shop.address, &format!("/recommend?{ask}&fallback=popular"));
        assert_eq!((answer.status, answer.json()["fallback"].as_str()), (200, Some("popular")), "{ask}");
        assert_eq!(ids(&answer.json()), want, "{ask}");
        assert_eq!(answer.json()["items"][0]["score"].as_f64(), Some(f64::from(counts[order[0]])));
    }
    // Whoever is known gets its own list.
    assert!(get(shop.address, "/recommend?user=u1&fallback=popular").json()["fallback"].is_null());
}

#[test]
fn similar_items_are_those_of_the_space_without_those_that_have_no_place_in_it() {
    let shop = Shop::open();
    let dataset = Dataset::load(shop.folder.path()).unwrap();
    let never = never(&dataset, None, &[]).unwrap();
    let spaces = spaces(1);
    for (name, left_out) in [("final", vec![]), ("text", vec![]), ("vision", vec![5])] {
        let positions = &spaces.iter().find(|space| space.0 == name).unwrap().1;
        let list = &similar(positions, &[8], 10, &[never.clone(), left_out].concat())[0];
        let answer = get(shop.address, &format!("/similar?item=i8&space={name}")).json();
        let want: Value = serde_json::from_str(&line(&dataset, "x", list)).unwrap();
        assert_eq!((&answer["items"], &answer["space"], &answer["item"]), (&want["items"], &json!(name), &json!("i8")));
    }
    let two = post(shop.address, "/similar", r#"{"items":["i8","i4"],"space":"text","top":3}"#).json();
    let one = get(shop.address, "/similar?item=i4&space=text&top=3").json();
    assert_eq!((two["lists"].as_array().unwrap().len(), &two["lists"][1]), (2, &one));
    // An item without a direction is like nothing.
    assert_eq!(get(shop.address, "/similar?item=i9&space=text").json()["items"], json!([]));
}

#[test]
fn items_users_and_what_is_served_can_be_asked_for() {
    let shop = Shop::open();
    let item = get(shop.address, "/items/i3").json();
    assert_eq!(item, json!({ "item": "i3", "title": "Pot \"3\", <b>red</b>" }));
    assert_eq!(get(shop.address, "/items/i5").json(), json!({ "item": "i5" }));
    let found = get(shop.address, "/items?search=RED+i33").json();
    let mut found = ids(&found);
    found.sort();
    assert_eq!(found, ["i33", "i330", "i333", "i336", "i339"]);
    let user = get(shop.address, "/users/u0").json();
    let dataset = Dataset::load(shop.folder.path()).unwrap();
    let want: Vec<String> =
        dataset.interactions.by_user(Split::Train).of(0).iter().map(|item| format!("i{item}")).collect();
    assert_eq!(ids(&user), want);
    let users = get(shop.address, "/users?begin=u5").json();
    assert_eq!(users["users"], json!(["u5", "u50", "u51", "u52", "u53", "u54", "u55", "u56", "u57", "u58"]));
    let run = get(shop.address, "/run");
    let said = run.json();
    assert_eq!((&said["users"], &said["items"]), (&json!(USERS), &json!(ITEMS)));
    assert_eq!(said["spaces"], json!(["final", "text", "vision"]));
    assert_eq!(said["run"].as_str(), run.header("anchorrec-run").as_deref());
}

#[test]
fn addresses_of_images_stand_behind_a_list_that_asks_for_them() {
    let shop = Shop::open();
    let plain = get(shop.address, "/recommend?user=u3&top=9");
    let asked = get(shop.address, "/recommend?user=u3&top=9&images=true");
    assert!(asked.text().starts_with(plain.text().trim_end().trim_end_matches('}')), "{}", asked.text());
    let want: Vec<(String, String)> = ids(&plain.json())
        .into_iter()
        .filter_map(|id| {
            let number: usize = id[1..].parse().unwrap();
            number.is_multiple_of(2).then(|| (id, format!("https://shop.example/{number}.jpg?a=1&b=2")))
        })
        .collect();
    let found = asked.json()["images"].clone();
    assert_eq!(found, json!(want.iter().cloned().collect::<std::collections::BTreeMap<_, _>>()));
    assert!(!want.is_empty() && want.len() < 9, "{want:?}");
    let similar = get(shop.address, "/similar?item=i4&images=true").json();
    let even = ids(&similar).into_iter().filter(|id| id[1..].parse::<usize>().unwrap().is_multiple_of(2)).count();
    assert_eq!(similar["images"].as_object().unwrap().len(), even);
    assert_eq!(get(shop.address, "/items/i4").json()["image"], "https://shop.example/4.jpg?a=1&b=2");
    assert!(get(shop.address, "/items/i5").json().get("image").is_none());
    assert_eq!(get(shop.address, "/run").json()["images"], true);
}

#[test]
fn a_damaged_file_of_images_is_no_run_to_serve() {
    let folder = crate::shop::folder();
    std::fs::write(folder.path().join("items_images.jsonl"), "{\"itemID\":1,\"image\":\"javascript:1\"}\n").unwrap();
    let dataset = Dataset::load(folder.path()).unwrap();
    let about = anchorrec_serve::About::default();
    let served = anchorrec_serve::Served::by_vectors(about, &dataset, embeddings(1), None, Way::Mean, spaces(1));
    let error = served.err().unwrap().to_string();
    assert!(error.contains("items_images.jsonl:1: expected the address of an image"), "{error}");
}
