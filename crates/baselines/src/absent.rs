//! What models say of features that are not there.

/// Said by models that read text and vision where neither is there.
pub(crate) const NEITHER_TEXT_NOR_VISION: &str = "there are neither text nor vision features (text_feat.npy, image_feat.npy): what the model makes of them is absent, so \
     this is its ID part alone";
