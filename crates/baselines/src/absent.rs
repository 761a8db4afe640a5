//! What models say of features that are not there.

use anchorrec_recommender::Present;

/// What a model of text and vision says that does without either, and without both.
pub(crate) fn without_text_or_vision(present: Present) -> Option<&'static str> {
    match (present.vision, present.text) {
        (true, true) => None,
        (true, false) => Some(NO_TEXT),
        (false, true) => Some(NO_VISION),
        (false, false) => Some(NEITHER_TEXT_NOR_VISION),
    }
}

/// Said by models that read text and vision where neither is there.
pub(crate) const NEITHER_TEXT_NOR_VISION: &str = "there are neither text nor vision features (text_feat.npy, image_feat.npy): what the model makes of them is absent, so \
     this is its ID part alone";

/// Said by models that read text and vision where there is no text.
const NO_TEXT: &str = "there are no text features (text_feat.npy): what the model makes of text is absent, and image features do it alone";

/// Said by models that read text and vision where there is no vision.
const NO_VISION: &str = "there are no image features (image_feat.npy): what the model makes of images is absent, and text features do it alone";
