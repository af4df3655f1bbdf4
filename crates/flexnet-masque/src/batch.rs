//! Datagrams that the system takes in one call: of one length, but for the last, which may be shorter. Points at them, copies none.

use std::io::IoSlice;

/// Bytes of the largest batch, and of the largest datagram: what IPv4 lets UDP carry.
pub(crate) const MAX_BATCH: usize = 65_507;
/// Datagrams in a batch (UDP_MAX_SEGMENTS of every Linux that has it).
const MAX_DATAGRAMS: usize = 64;

#[derive(Debug)]
pub(crate) struct Batch<'a> {
    datagrams: [IoSlice<'a>; MAX_DATAGRAMS],
    count: usize,
    bytes: usize,
    /// A shorter datagram is in it: nothing may follow.
    full: bool,
}

impl Default for Batch<'_> {
    fn default() -> Self {
        Self { datagrams: [IoSlice::new(&[]); MAX_DATAGRAMS], count: 0, bytes: 0, full: false }
    }
}

impl<'a> Batch<'a> {
    /// Adds a datagram, or says that the batch must be sent first. An empty batch takes everything.
    pub(crate) fn push(&mut self, datagram: &'a [u8]) -> bool {
        let length = self.length();
        let fits = !self.full && (1..=length).contains(&datagram.len()) && self.bytes + datagram.len() <= MAX_BATCH;
        if self.count > 0 && !fits {
            return false;
        }
        let Some(place) = self.datagrams.get_mut(self.count) else { return false };
        *place = IoSlice::new(datagram);
        self.full = self.count > 0 && datagram.len() < length;
        self.count += 1;
        self.bytes += datagram.len();
        true
    }

    pub(crate) fn datagrams(&self) -> &[IoSlice<'a>] {
        self.datagrams.get(..self.count).unwrap_or_default()
    }

    /// Bytes of each datagram but the last.
    pub(crate) fn length(&self) -> usize {
        self.datagrams().first().map_or(0, |datagram| datagram.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn batches_are_what_the_system_can_cut_again(lengths in prop::collection::vec(
            prop_oneof![Just(1480_usize), Just(148), 0_usize..70_000], 1..200,
        )) {
            let bytes = vec![7; 70_000];
            let (mut batch, mut batches) = (Batch::default(), Vec::new());
            for length in &lengths {
                if !batch.push(&bytes[..*length]) {
                    batches.push(std::mem::take(&mut batch));
                    prop_assert!(batch.push(&bytes[..*length]));
                }
            }
            batches.push(batch);
            let sent: Vec<usize> = batches.iter().flat_map(|batch| batch.datagrams().iter().map(|d| d.len())).collect();
            prop_assert_eq!(sent, lengths, "none is lost, none moves");
            for batch in batches.iter().filter(|batch| batch.datagrams().len() > 1) {
                let (last, before) = batch.datagrams().split_last().unwrap();
                prop_assert!(before.iter().all(|datagram| datagram.len() == batch.length()));
                prop_assert!((1..=batch.length()).contains(&last.len()));
                prop_assert!(before.len() < MAX_DATAGRAMS && before.len() * batch.length() + last.len() <= MAX_BATCH);
            }
        }
    }
}
