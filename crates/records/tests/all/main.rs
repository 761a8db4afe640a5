//! Records as files: what was written yesterday is read today, and written again without a change.

mod same_bytes;
