//! Lists by a trained model, alone or fused with a closed form.

use super::options::RecommendOptions;
use super::people::{new_users, own, users};
use super::written::{write_lists, write_new};
use crate::finished::load;
use anchorrec_recommender::Embeddings;
use anchorrec_retrieval::fold_in::FoldIn;
use anchorrec_retrieval::new_items::{Added, beside};
use anchorrec_retrieval::placement::Profile;
use anchorrec_retrieval::writing::Handed;
use anchorrec_retrieval::{FusedRetriever, Ids, List, Retriever, Trained};
use anyhow::{Result, bail};
use ndarray::s;

/// What the lists of a run with a fusion are without it.
const ALONE: &str = "these lists are the trained model's alone, without the fusion: --fuse ranks by both";

/// What ranks.
pub enum Scorer<'a> {
    Model(Retriever<&'a Embeddings<f32>>),
    Fusion(FusedRetriever<&'a Embeddings<f32>>),
}

impl Scorer<'_> {
    pub fn lists(&self, users: &[u32], top: usize) -> Vec<List> {
        match self {
            Scorer::Model(retriever) => retriever.lists(users, top),
            Scorer::Fusion(fused) => fused.lists(users, top),
        }
    }
}

/// Writes the lists; returns who has which.
pub fn run(options: &RecommendOptions) -> Result<Handed> {
    let (run, mut model) = load(&options.run, (!options.fuse).then_some(ALONE))?;
    let added = options.new_items.add(&mut model)?;
    let Trained { dataset, trained, .. } = model;
    let mut never = options.items.candidates.never(&dataset, &Ids::of_items(&dataset))?;
    if let Some(Added { known, .. }) = added.as_ref().filter(|_| options.only_new) {
        never.retain(|&item| item as usize >= *known);
        never.splice(..0, 0..*known as u32);
        if never.len() == dataset.interactions.items {
            bail!("--only-new: no new item is left to recommend: --allow or --deny leaves all of them out");
        }
    }
    let (embeddings, exclude) = (&trained.embeddings, options.items.exclude());
    let scorer = match options.fuse {
        false => Scorer::Model(Retriever::new(embeddings, &dataset.interactions, exclude, &never)),
        true => Scorer::Fusion(FusedRetriever::new(&run, &dataset, embeddings, exclude, &never)?),
    };
    if let Scorer::Fusion(fused) = &scorer {
        eprintln!("fusion: z(model) + γ z(closed form), γ {}, as validation chose it", fused.gamma());
    }
    let (out, top) = (options.out.as_deref(), options.items.top);
    let Some(path) = &options.new_users else {
        let users = users(options, &dataset)?;
        return write_lists(&dataset, out, top, &users, |users| scorer.lists(users, top));
    };
    let histories = new_users(path, &dataset)?;
    let profile = added.as_ref().and_then(|added| added.profile.as_ref());
    let scored = embeddings.items.ncols() - profile.map_or(0, Profile::width);
    let fold_in = FoldIn::new(
        options.fold_in.unwrap_or_default().way(),
        embeddings.items.slice(s![.., ..scored]),
        &dataset.interactions,
    );
    let mut vectors = fold_in.users(&histories.items);
    if let Some(profile) = profile {
        let profiles = profile.of_users(vectors.view(), |user| &histories.items[user]);
        vectors = beside(vectors.view(), profiles.view());
    }
    let own = own(options, &histories);
    let lists = match &scorer {
        Scorer::Model(retriever) => retriever.lists_for(vectors.view(), &own, top),
        Scorer::Fusion(fused) => fused.lists_for(vectors.view(), &histories.items, &own, top),
    };
    write_new(&dataset, out, top, &histories.users, &lists)
}
