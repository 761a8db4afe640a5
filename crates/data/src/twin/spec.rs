//! What a twin looks like before it is made.

use crate::{Manifest, Modality};
use serde::{Deserialize, Serialize};

/// Size and shape of a synthetic twin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwinSpec {
    /// Name of the data set: the stem of its `.inter` file.
    pub name: String,
    /// Users.
    pub users: usize,
    /// Items.
    pub items: usize,
    /// Interactions of all splits together.
    pub interactions: usize,
    /// Width of the fused features; `None` makes none.
    pub mm_width: Option<usize>,
    /// Width of the text features; `None` makes none.
    pub text_width: Option<usize>,
    /// Width of the image features; `None` makes none.
    pub vision_width: Option<usize>,
    /// How many topics the items belong to.
    pub topics: usize,
    /// How much a user's taste decides within a topic: `s` in popularity · exp(s · affinity).
    pub strength: f64,
    /// Share of draws that ignore the user's topics.
    pub off_topic: f64,
}

impl TwinSpec {
    /// Makes a spec of a size, with the published widths (768, 384, 4096) and `√items / 2` topics.
    pub fn new(name: &str, users: usize, items: usize, interactions: usize) -> Self {
        TwinSpec {
            name: name.to_owned(),
            users,
            items,
            interactions,
            mm_width: Some(768),
            text_width: Some(384),
            vision_width: Some(4096),
            topics: topics_of(items),
            strength: 2.0,
            off_topic: 0.15,
        }
    }

    /// Makes the spec of the twin of a published data set, at full size.
    pub fn of(manifest: &Manifest) -> Self {
        let counts = manifest.counts;
        TwinSpec {
            mm_width: manifest.widths.of(Modality::Mm),
            text_width: manifest.widths.of(Modality::Text),
            vision_width: manifest.widths.of(Modality::Vision),
            ..TwinSpec::new(&manifest.name, counts.users, counts.items, counts.interactions)
        }
    }

    /// Multiplies users, items and interactions by `scale`, widths unchanged; at least 20 items, 10 users and 5 pairs per user.
    ///
    /// # Panics
    /// When `scale` is not a positive number.
    pub fn scaled(&self, scale: f64) -> Self {
        assert!(scale > 0.0 && scale.is_finite(), "scale {scale}: a positive number");
        let times = |count: usize| (count as f64 * scale).round() as usize;
        let (users, items) = (times(self.users).max(10), times(self.items).max(20));
        let interactions = times(self.interactions).clamp(5 * users, users * (items / 4).max(5));
        TwinSpec { users, items, interactions, topics: topics_of(items), ..self.clone() }
    }

    /// # Panics
    /// When no twin can have these sizes.
    pub(crate) fn check(&self) {
        let TwinSpec { users, items, interactions, topics, strength, off_topic, .. } = self;
        let plain = !self.name.is_empty() && !self.name.contains(['/', '\\']);
        assert!(plain, "name {:?}: the stem of a file", self.name);
        assert!(*users > 0 && *items >= 20, "{users} users and {items} items: at least 1 and 20");
        assert!(u32::try_from(*users).is_ok() && u32::try_from(*items).is_ok(), "{users} x {items}: ids are 32 bit");
        let (least, most) = (5 * users, users * (items / 4).max(5));
        assert!(
            (least..=most).contains(interactions),
            "{interactions} interactions of {users} users: {least} (5 each) to {most} (a quarter of {items} items each)"
        );
        assert!((1..=*items).contains(topics), "{topics} topics of {items} items");
        assert!((0.0..=10.0).contains(strength), "strength {strength}: 0 to 10");
        assert!((0.0..=1.0).contains(off_topic), "off-topic share {off_topic}: 0 to 1");
        for width in [self.mm_width, self.text_width, self.vision_width].into_iter().flatten() {
            assert!(width > 0, "width {width}: at least 1");
        }
    }
}

fn topics_of(items: usize) -> usize {
    ((items as f64).sqrt() / 2.0).round().max(2.0) as usize
}
