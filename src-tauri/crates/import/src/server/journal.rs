//! A database beside which a writer left its journal when it was killed.
//!
//! The journal holds pages as they were before the write that did not end. `SQLite` puts them back when
//! it opens the database for writing, which we never do; here it is done in memory. The form is that of
//! "The Rollback Journal" in `SQLite`'s description of its file format.

/// What a journal begins with, and what stands at its end if it is one of several.
const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// How long a header is, without its padding, in bytes.
const HEADER: usize = 28;

/// The header of a segment of a journal.
struct Segment {
    /// How many pages follow; none for all up to the end.
    pages: Option<usize>,
    nonce: u32,
    /// How many pages the database had.
    before: usize,
    sector: usize,
    page: usize,
}

impl Segment {
    fn read(journal: &[u8], at: usize) -> Option<Self> {
        let header = journal.get(at..at + HEADER)?;
        let number = |from: usize| {
            let bytes = header.get(from..from + 4)?.try_into().ok()?;
            Some(u32::from_be_bytes(bytes))
        };
        if header[..8] != MAGIC {
            return None;
        }
        let pages = Some(number(8)?).filter(|pages| *pages != u32::MAX);
        Some(Self {
            pages: pages.map(usize::try_from).transpose().ok()?,
            nonce: number(12)?,
            before: usize::try_from(number(16)?).ok()?,
            sector: usize::try_from(number(20)?).ok()?,
            page: usize::try_from(number(24)?).ok()?,
        })
    }

    fn is_sound(&self) -> bool {
        let sizes = [(self.sector, 32), (self.page, 512)];
        sizes
            .iter()
            .all(|(size, least)| size.is_power_of_two() && (*least..=1 << 16).contains(size))
    }

    /// The sum that a page of the journal ends with: of every 200th byte from its end.
    fn sum(&self, page: &[u8]) -> u32 {
        let from_end = (1..).map(|times| self.page.checked_sub(200 * times)).map_while(|at| at);
        from_end.filter(|at| *at > 0).fold(self.nonce, |sum, at| sum.wrapping_add(page[at].into()))
    }
}

/// Whether it is one that has to be played back: a journal that has done its work is emptied, or begins
/// with zeros.
pub(super) fn is_hot(journal: &[u8]) -> bool {
    journal.starts_with(&MAGIC)
}

/// Puts back what the journal holds. What is wrong at its end was not written whole, and so not needed.
pub(super) fn roll_back(database: &mut Vec<u8>, journal: &[u8]) -> Result<(), String> {
    if journal.len() >= HEADER + MAGIC.len() && journal.ends_with(&MAGIC) {
        return Err("its journal is one of several that belong together".to_owned());
    }
    let Some(first) = Segment::read(journal, 0).filter(Segment::is_sound) else {
        return Err("its journal is damaged".to_owned());
    };
    if first.before.saturating_mul(first.page) > database.len().saturating_add(journal.len()) {
        return Err("its journal is of a larger database".to_owned());
    }
    play_back(database, journal, &first);
    // It has the size it had.
    database.truncate(first.before * first.page);
    Ok(())
}

/// Up to the end, or to what was not written whole.
fn play_back(database: &mut Vec<u8>, journal: &[u8], first: &Segment) {
    let mut at = 0;
    while let Some(segment) = Segment::read(journal, at).filter(|one| one.page == first.page) {
        let sector = segment.sector.max(1);
        at = (at + HEADER).next_multiple_of(sector);
        let mut left = segment.pages.unwrap_or(usize::MAX);
        while left > 0 {
            let Some(record) = journal.get(at..at + segment.page + 8) else { return };
            let (number, rest) = record.split_at(4);
            let (page, sum) = rest.split_at(segment.page);
            let number = number.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
            if number == 0 || sum != segment.sum(page).to_be_bytes() {
                return;
            }
            if number <= first.before {
                let from = (number - 1) * segment.page;
                if database.len() < from + segment.page {
                    database.resize(from + segment.page, 0);
                }
                database[from..from + segment.page].copy_from_slice(page);
            }
            at += segment.page + 8;
            left -= 1;
        }
        at = at.next_multiple_of(sector);
    }
}
