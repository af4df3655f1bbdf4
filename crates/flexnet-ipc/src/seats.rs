//! How many may be connected at once, in all and for one user, so that nobody can take the service from everybody else.
//! Who has not said `Hello` yet makes room for whoever comes next: many that say nothing keep nobody out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

const IN_ALL: usize = 64;
const FOR_ONE_USER: usize = 16;

#[derive(Debug, Clone, Default)]
pub(crate) struct Seats(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    /// In the order in which they came.
    taken: Vec<Taken>,
    next: u64,
}

#[derive(Debug)]
struct Taken {
    number: u64,
    uid: u32,
    /// Has not said `Hello`.
    silent: bool,
    leave: CancellationToken,
}

/// Given back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    number: u64,
    leave: CancellationToken,
}

impl Seats {
    pub(crate) fn take(&self, uid: u32) -> Option<Seat> {
        let mut table = self.lock();
        if table.taken.iter().filter(|seat| seat.uid == uid).count() >= FOR_ONE_USER {
            table.make_room(|seat| seat.uid == uid)?;
        }
        if table.taken.len() >= IN_ALL {
            table.make_room(|_| true)?;
        }
        let number = table.next;
        let leave = CancellationToken::new();
        table.next += 1;
        table.taken.push(Taken { number, uid, silent: true, leave: leave.clone() });
        Some(Seat { seats: self.clone(), number, leave })
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Sends the oldest silent one of these away.
    fn make_room(&mut self, of: impl Fn(&Taken) -> bool) -> Option<()> {
        let oldest = self.taken.iter().position(|seat| seat.silent && of(seat))?;
        self.taken.remove(oldest).leave.cancel();
        Some(())
    }
}

impl Seat {
    /// It said `Hello` and stays as long as it likes.
    pub(crate) fn greeted(&self) {
        if let Some(own) = self.seats.lock().taken.iter_mut().find(|seat| seat.number == self.number) {
            own.silent = false;
        }
    }

    /// Cancelled when the connection has to end, from either side.
    pub(crate) fn leave(&self) -> CancellationToken {
        self.leave.clone()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.lock().taken.retain(|seat| seat.number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeted(seats: &Seats, uid: u32) -> Option<Seat> {
        seats.take(uid).inspect(Seat::greeted)
    }

    #[test]
    fn one_user_cannot_take_every_seat() {
        let seats = Seats::default();
        let mut own: Vec<_> = std::iter::from_fn(|| greeted(&seats, 1000)).collect();
        assert_eq!(own.len(), FOR_ONE_USER);
        assert!(seats.take(1001).is_some());
        own.pop();
        assert!(seats.take(1000).is_some(), "a seat comes back");
    }

    #[test]
    fn many_users_cannot_take_more_than_there_are() {
        let seats = Seats::default();
        let taken: Vec<_> = (0..1000).filter_map(|uid| greeted(&seats, uid)).collect();
        assert_eq!(taken.len(), IN_ALL);
        assert!(seats.take(5000).is_none());
    }

    #[test]
    fn the_oldest_silent_one_makes_room() {
        let seats = Seats::default();
        let stays = greeted(&seats, 1000).unwrap();
        let others = greeted(&seats, 1001).unwrap();
        let silent: Vec<_> = (0..FOR_ONE_USER - 1).map(|_| seats.take(1000).unwrap()).collect();
        assert!(silent.iter().all(|seat| !seat.leave().is_cancelled()));
        let newest = seats.take(1000).unwrap();
        let left: Vec<_> = silent.iter().map(|seat| seat.leave().is_cancelled()).collect();
        assert!(left[0] && !left[1..].contains(&true), "{left:?}");
        for seat in [&stays, &others, &newest] {
            assert!(!seat.leave().is_cancelled());
        }
        drop(silent);
        assert_eq!(seats.lock().taken.len(), 3);
    }
}
