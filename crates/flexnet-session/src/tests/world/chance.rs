//! Chance from a seed: the same run again and again. SplitMix64 (Steele, Lea and Flood, 2014).

#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Self(seed);
        // Neighbouring seeds begin alike.
        chance.0 = chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` to below `high`.
    pub(super) fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low)
    }

    /// So often in a hundred.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.within(0, 100) < percent
    }

    pub(super) fn of<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.within(0, from.len() as u64)).unwrap()]
    }
}
