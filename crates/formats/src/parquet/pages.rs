//! Pages of a column that promise no more values than their bytes can hold.
//!
//! The library makes room for as many values as the head of a dictionary promises before it reads one. In a damaged file that may be gigabytes for a few bytes, so
//! the promise is compared with the bytes first.

use parquet::basic::Type;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};

/// The pages of another reader, each compared with its own head.
pub(crate) struct Kept {
    pages: Box<dyn PageReader>,
    /// The fewest bytes of a value in a dictionary.
    least: usize,
}

impl Kept {
    /// Takes over the pages of a column of this type.
    pub(crate) fn new(pages: Box<dyn PageReader>, kind: Type) -> Self {
        let least = match kind {
            // A text begins with its length, four bytes.
            Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 4,
            Type::INT64 | Type::DOUBLE => 8,
            Type::INT96 => 12,
            Type::FIXED_LEN_BYTE_ARRAY | Type::BOOLEAN => 1,
        };
        Kept { pages, least }
    }

    fn check(&self, page: Option<Page>) -> Result<Option<Page>> {
        match &page {
            Some(Page::DictionaryPage { buf, num_values, .. }) if *num_values as usize > buf.len() / self.least => {
                let promise = format!("a dictionary of {} bytes promises {num_values} values", buf.len());
                Err(ParquetError::General(promise))
            }
            _ => Ok(page),
        }
    }
}

impl Iterator for Kept {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Kept {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        self.check(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.pages.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        let page = self.pages.take_deferred_dictionary()?;
        self.check(page)
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::basic::Encoding;

    /// One page, once.
    struct One(Option<Page>);

    impl Iterator for One {
        type Item = Result<Page>;

        fn next(&mut self) -> Option<Self::Item> {
            self.0.take().map(Ok)
        }
    }

    impl PageReader for One {
        fn get_next_page(&mut self) -> Result<Option<Page>> {
            Ok(self.0.take())
        }

        fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
            Ok(None)
        }

        fn skip_next_page(&mut self) -> Result<()> {
            Ok(())
        }

        fn supports_deferred_dictionary(&self) -> bool {
            true
        }

        fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
            Ok(self.0.take())
        }
    }

    #[test]
    fn a_dictionary_has_no_more_values_than_its_bytes_hold() {
        let kinds = [
            (Type::INT32, 4),
            (Type::FLOAT, 4),
            (Type::BYTE_ARRAY, 4),
            (Type::INT64, 8),
            (Type::DOUBLE, 8),
            (Type::INT96, 12),
            (Type::FIXED_LEN_BYTE_ARRAY, 1),
        ];
        for (kind, bytes) in kinds {
            for (num_values, is_kept) in [(0, true), (5, true), (6, false), (u32::MAX, false)] {
                let dictionary = || {
                    let (buf, encoding) = (vec![0; 5 * bytes].into(), Encoding::PLAIN);
                    let page = Page::DictionaryPage { buf, num_values, encoding, is_sorted: false };
                    Kept::new(Box::new(One(Some(page))), kind)
                };
                assert!(dictionary().supports_deferred_dictionary());
                for read in [dictionary().get_next_page(), dictionary().take_deferred_dictionary()] {
                    assert_eq!(read.is_ok_and(|page| page.is_some()), is_kept, "{kind} {num_values}");
                }
                assert_eq!(dictionary().next().unwrap().is_ok(), is_kept, "{kind} {num_values}");
            }
        }
    }
}
