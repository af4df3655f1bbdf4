//! Which of several servers is asked: the first that is not known to be dead. Pure: time is an argument.
//! It never sends anybody to a second server because the first was slow: that is for later attempts.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Attempts in a row without an answer that make a server count as dead. One alone says nothing: a server may be silent about one name.
const SILENCES: u32 = 3;

/// What is known of the servers, in the order in which they are preferred.
#[derive(Debug)]
pub struct Health {
    servers: Mutex<Vec<Server>>,
    rest: Duration,
}

#[derive(Debug, Clone, Copy, Default)]
struct Server {
    silences: u32,
    /// When a dead one is tried again, by one attempt.
    next: Option<Instant>,
}

impl Health {
    /// So many servers, none of them dead; a dead one is tried again after `rest`.
    pub fn new(count: usize, rest: Duration) -> Self {
        Self { servers: Mutex::new(vec![Server::default(); count]), rest }
    }

    /// Whether there is a server to be asked. Takes nobody's turn.
    pub fn ready(&self, now: Instant) -> bool {
        self.with(|servers| servers.iter().any(|server| server.open(now)))
    }

    /// The number of the server to ask. A dead one is given out once in a while, to see whether it lives.
    pub fn take(&self, now: Instant) -> Option<usize> {
        self.with(|servers| {
            let number = servers.iter().position(|server| server.open(now))?;
            let server = servers.get_mut(number)?;
            if server.dead() {
                server.next = now.checked_add(self.rest);
            }
            Some(number)
        })
    }

    /// The number of the server to ask about a name that nobody has. Takes nobody's turn: else whoever invents names could keep members from finding out
    /// that a dead server lives again.
    pub fn look(&self, now: Instant) -> Option<usize> {
        self.with(|servers| servers.iter().position(|server| server.open(now)))
    }

    /// A server has given an answer.
    pub fn answered(&self, number: usize) {
        self.with(|servers| {
            if let Some(server) = servers.get_mut(number) {
                if server.dead() {
                    tracing::info!(server = number, "a foreign server answers again");
                }
                *server = Server::default();
            }
        });
    }

    /// A server has left an attempt without an answer.
    pub fn silent(&self, number: usize, now: Instant) {
        self.with(|servers| {
            if let Some(server) = servers.get_mut(number) {
                server.silences = server.silences.saturating_add(1);
                server.next = now.checked_add(self.rest);
                if server.silences == SILENCES {
                    tracing::error!(server = number, "a foreign server does not answer and is left alone for a while");
                }
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<Server>) -> T) -> T {
        act(&mut self.servers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Server {
    fn dead(&self) -> bool {
        self.silences >= SILENCES
    }

    fn open(&self, now: Instant) -> bool {
        !self.dead() || self.next.is_none_or(|next| next <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(30);

    #[test]
    fn the_second_is_asked_only_while_the_first_is_dead() {
        let (health, now) = (Health::new(2, REST), Instant::now());
        for _ in 0..SILENCES {
            assert_eq!(health.take(now), Some(0), "one silence sends nobody to another server");
            health.silent(0, now);
        }
        assert_eq!(health.take(now), Some(1));
        assert_eq!(health.take(now + REST), Some(0), "one attempt looks whether it lives");
        assert_eq!(health.take(now + REST), Some(1), "and only one");
        health.answered(0);
        assert_eq!(health.take(now + REST), Some(0));
    }

    #[test]
    fn an_answer_between_the_silences_shows_that_it_lives() {
        let (health, now) = (Health::new(1, REST), Instant::now());
        for _ in 0..10 {
            health.silent(0, now);
            health.answered(0);
        }
        assert_eq!(health.take(now), Some(0));
    }

    #[test]
    fn nobody_is_asked_where_all_are_dead_and_looking_takes_no_turn() {
        let (health, now) = (Health::new(1, REST), Instant::now());
        for _ in 0..SILENCES {
            health.silent(0, now);
        }
        assert_eq!((health.ready(now), health.take(now)), (false, None));
        let later = now + REST;
        assert!(health.ready(later) && health.ready(later));
        assert_eq!((health.look(now), health.look(later), health.look(later)), (None, Some(0), Some(0)));
        assert_eq!((health.take(later), health.take(later)), (Some(0), None));
    }
}
