//! Settings of a model by their paths, found without naming the model.

use toml::{Table, Value};

/// Returns the place of a setting.
///
/// # Panics
/// When there is none.
pub fn leaf<'a>(settings: &'a mut Table, path: &[&str]) -> &'a mut Value {
    let (last, tables) = path.split_last().expect("a path has a name");
    let table = tables.iter().fold(settings, |table, name| {
        table.get_mut(*name).and_then(Value::as_table_mut).unwrap_or_else(|| panic!("no table {name}"))
    });
    table.get_mut(*last).unwrap_or_else(|| panic!("no setting {}", path.join(".")))
}

/// Returns every setting with its path.
pub fn leaves(settings: &Table) -> Vec<(Vec<String>, Value)> {
    let mut found = Vec::new();
    for (name, value) in settings {
        match value {
            Value::Table(inner) => found.extend(leaves(inner).into_iter().map(|(mut path, value)| {
                path.insert(0, name.clone());
                (path, value)
            })),
            value => found.push((vec![name.clone()], value.clone())),
        }
    }
    found
}
