//! The command, called as a user calls it.

#[cfg(feature = "baselines")]
mod ablate;
mod absent;
#[cfg(all(feature = "baselines", feature = "retrieval"))]
mod baselines;
#[cfg(feature = "retrieval")]
mod closed_form_lists;
#[cfg(all(feature = "baselines", feature = "retrieval"))]
mod damaged_run;
#[cfg(all(feature = "baselines", feature = "report", feature = "retrieval"))]
mod earlier;
#[cfg(feature = "prepare")]
mod encode_text;
#[cfg(all(feature = "baselines", feature = "report"))]
mod every_model;
#[cfg(feature = "baselines")]
mod history;
#[cfg(feature = "baselines")]
mod interrupt;
#[cfg(all(feature = "baselines", feature = "retrieval"))]
mod judged;
#[cfg(all(feature = "baselines", feature = "parquet", feature = "retrieval"))]
mod killed_output;
#[cfg(all(feature = "baselines", feature = "parquet", feature = "retrieval"))]
mod list_files;
#[cfg(all(feature = "baselines", feature = "retrieval"))]
mod lists;
#[cfg(all(feature = "baselines", feature = "report", feature = "retrieval"))]
#[cfg(all(feature = "baselines", feature = "table", unix))]
mod model_table;
mod outputs;
#[cfg(feature = "prepare")]
mod own_data;
#[cfg(feature = "prepare")]
mod prepare_amazon;
#[cfg(feature = "report")]
mod report;
#[cfg(all(feature = "baselines", feature = "serve", unix))]
mod serve;
mod sources;
mod train;
mod tune;
#[cfg(all(feature = "prepare", feature = "report"))]
mod unread;
mod workplace;
