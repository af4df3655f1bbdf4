//! How many may be connected at once, in all and for one user, so that nobody can take the service from everybody else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

const IN_ALL: usize = 64;
const FOR_ONE_USER: usize = 16;

#[derive(Debug, Clone, Default)]
pub(crate) struct Seats(Arc<Mutex<HashMap<u32, usize>>>);

/// Given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    uid: u32,
}

impl Seats {
    pub(crate) fn take(&self, uid: u32) -> Option<Seat> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let in_all: usize = taken.values().sum();
        let own = taken.entry(uid).or_default();
        if in_all >= IN_ALL || *own >= FOR_ONE_USER {
            return None;
        }
        *own += 1;
        Some(Seat { seats: self.clone(), uid })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.uid) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                taken.remove(&self.uid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_cannot_take_every_seat() {
        let seats = Seats::default();
        let mut own: Vec<_> = std::iter::from_fn(|| seats.take(1000)).collect();
        assert_eq!(own.len(), FOR_ONE_USER);
        assert!(seats.take(1001).is_some());
        own.pop();
        assert!(seats.take(1000).is_some(), "a seat comes back");
    }

    #[test]
    fn many_users_cannot_take_more_than_there_are() {
        let seats = Seats::default();
        let taken: Vec<_> = (0..1000).filter_map(|uid| seats.take(uid)).collect();
        assert_eq!(taken.len(), IN_ALL);
        assert!(seats.take(5000).is_none());
    }
}
