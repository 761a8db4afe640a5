//! Columns that say where the images of items are on the web: no features, and known by their names.

/// What they are called, in lower case without `_`, `-`, spaces, and what follows a colon.
const NAMES: [&str; 14] = [
    "image",
    "imageurl",
    "imageurlhighres",
    "imageaddress",
    "imagelink",
    "images",
    "img",
    "imgurl",
    "imurl",
    "picture",
    "pictureurl",
    "photourl",
    "thumbnail",
    "thumbnailurl",
];

/// Returns whether a column of texts is one of addresses of images, by its name.
///
/// ```
/// use anchorrec_formats::features::has_image_addresses;
/// assert!(["image_url", "imUrl:token", "imageURLHighRes"].iter().all(|name| has_image_addresses(name)));
/// assert!(!has_image_addresses("image_feat"));
/// ```
pub fn has_image_addresses(column: &str) -> bool {
    let name = column.split(':').next().unwrap_or(column).to_lowercase().replace(['_', '-', ' '], "");
    NAMES.contains(&name.as_str())
}
