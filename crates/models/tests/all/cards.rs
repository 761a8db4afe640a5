//! What models say of themselves.

use anchorrec_models::MODELS;
use anchorrec_recommender::Present;

#[test]
fn names_are_words_and_titles_are_theirs() {
    for model in MODELS.iter() {
        let card = model.card();
        assert!(card.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{model}");
        assert_eq!(
            card.title.to_lowercase().replace(['-', ' '], ""),
            card.name,
            "the title is the name as its authors write it"
        );
        assert!(!card.about.is_empty() && !card.about.ends_with('.'), "{model}: {}", card.about);
        assert!(card.paper.contains("20"), "{model}: a paper has a year: {}", card.paper);
        assert_eq!(MODELS.names().iter().filter(|name| **name == card.name).count(), 1, "{model} is in the list once");
        assert_eq!(MODELS.find(card.name), Some(model));
        assert_eq!(MODELS.others(model).count(), MODELS.names().len() - 1);
    }
}

#[test]
fn settings_belong_to_the_model_that_declares_them() {
    for model in MODELS.iter() {
        let card = model.card();
        let of_variants = card.ablations.iter().chain(card.alternatives).flat_map(|variant| variant.settings);
        let paths = card.ranges.iter().map(|range| &range.path).chain(card.changes_no_ranking).chain(of_variants);
        for path in paths {
            assert!(path.starts_with(&format!("{model}.")), "{model} says {path}");
        }
    }
}

#[test]
fn a_model_that_lacks_its_features_says_so_and_has_all_it_needs_with_all_of_them() {
    let told = |mm, text, vision| -> Vec<&str> {
        let lacks =
            |model: &&'static dyn anchorrec_recommender::Model| model.lacking(Present { mm, text, vision }).is_some();
        MODELS.iter().filter(lacks).map(|model| model.name()).collect()
    };
    assert_eq!(told(true, true, true), [""; 0]);
    let of_both = ["damrs", "smore", "lgmrec", "freedom", "lattice", "bm3", "vbpr"];
    let and_the_first = [&["anchorrec"][..], &of_both].concat();
    for (text, vision) in [(true, false), (false, true), (false, false)] {
        assert_eq!(told(true, text, vision), and_the_first);
        assert_eq!(told(false, text, vision), [&["anchorrec", "alignrec"][..], &of_both].concat());
    }
    assert_eq!(told(false, true, true), ["anchorrec", "alignrec"]);
}

#[test]
fn settings_are_read_strictly() {
    for model in MODELS.iter() {
        let defaults = model.defaults();
        assert_eq!(model.read(&toml::Table::new()).unwrap(), defaults, "{model}: what is left out is at its default");
        let mut unknown = defaults.clone();
        unknown.insert("no_such_setting".to_owned(), 1.into());
        assert!(model.read(&unknown).unwrap_err().to_string().contains("no_such_setting"), "{model}");
        let mut wrong = defaults;
        wrong.insert("embedding_dim".to_owned(), "wide".into());
        let message = model.read(&wrong).unwrap_err().to_string();
        assert!(message.contains(&format!("{model}.embedding_dim")), "the whole path: {message}");
    }
}
