//! How many sign-ins a network may ask for: token buckets per address and per network. Works before anything is counted. None for everybody together: a
//! flood would empty it for all, and how much is worked on at once is the line's (`admission`).
//! Generous by default: they bound load, the lockout bounds guessing. In memory; a restart fills them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use ipnet::IpNet;

use crate::config::{Budget, Limits};

/// More prefixes than this at once are no members; the fullest buckets are forgotten first.
const MAX_PREFIXES: usize = 100_000;

/// The buckets.
#[derive(Debug)]
pub struct Budgets {
    limits: Limits,
    buckets: Mutex<HashMap<IpNet, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    budget: Budget,
    left: f64,
    at: Instant,
}

impl Budgets {
    /// Full buckets.
    pub fn new(limits: Limits) -> Self {
        Self { limits, buckets: Mutex::default() }
    }

    /// Takes one sign-in of an address.
    ///
    /// # Errors
    /// How long to wait, if a bucket is empty. Nothing was taken then.
    pub fn take(&self, from: IpAddr, now: Instant) -> Result<(), Duration> {
        let Limits { address, network, .. } = self.limits;
        let wanted = [(of_address(from), address), (of_network(from), network)];
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MAX_PREFIXES {
            buckets.retain(|_, bucket| bucket.filled(now).left + 1.0 < f64::from(bucket.budget.burst));
        }
        let mut taken = Vec::new();
        for (prefix, budget) in wanted {
            let bucket =
                buckets.get(&prefix).copied().unwrap_or(Bucket { budget, left: f64::from(budget.burst), at: now });
            let bucket = bucket.filled(now);
            if bucket.left < 1.0 {
                return Err(bucket.wait());
            }
            taken.push((prefix, Bucket { left: bucket.left - 1.0, ..bucket }));
        }
        buckets.extend(taken);
        Ok(())
    }
}

impl Bucket {
    fn filled(self, now: Instant) -> Self {
        let minutes = now.saturating_duration_since(self.at).as_secs_f64() / 60.0;
        let left = (self.left + minutes * f64::from(self.budget.per_minute)).min(f64::from(self.budget.burst));
        Self { left, at: now, ..self }
    }

    fn wait(&self) -> Duration {
        let per_second = f64::from(self.budget.per_minute.max(1)) / 60.0;
        Duration::from_secs_f64(((1.0 - self.left) / per_second).max(1.0))
    }
}

/// A member's own line: /32, or the /56 that providers give to a household.
pub fn of_address(ip: IpAddr) -> IpNet {
    prefix(ip, 32, 56)
}

/// The network around it: /24 or /48. This is what the audit keeps.
pub fn of_network(ip: IpAddr) -> IpNet {
    prefix(ip, 24, 48)
}

fn prefix(ip: IpAddr, v4: u8, v6: u8) -> IpNet {
    let ip = ip.to_canonical();
    let length = if ip.is_ipv4() { v4 } else { v6 };
    IpNet::new(ip, length).map_or_else(|_| IpNet::from(ip), |net| net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budgets(address: u32, network: u32) -> Budgets {
        let budget = |burst| Budget { per_minute: 60, burst };
        Budgets::new(Limits { address: budget(address), network: budget(network), ..Limits::default() })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_empty_bucket_says_how_long_to_wait_and_fills_again() {
        let (budgets, now) = (budgets(2, 9), Instant::now());
        assert_eq!(budgets.take(ip("192.0.2.1"), now), Ok(()));
        assert_eq!(budgets.take(ip("192.0.2.1"), now), Ok(()));
        assert_eq!(budgets.take(ip("192.0.2.1"), now), Err(Duration::from_secs(1)));
        assert_eq!(budgets.take(ip("192.0.2.2"), now), Ok(()), "a neighbour has its own");
        assert_eq!(budgets.take(ip("192.0.2.1"), now + Duration::from_secs(1)), Ok(()));
    }

    #[test]
    fn many_addresses_of_one_network_share_its_budget() {
        let (budgets, now) = (budgets(9, 2), Instant::now());
        assert!(budgets.take(ip("2001:db8:1:100::1"), now).is_ok());
        assert!(budgets.take(ip("2001:db8:1:200::1"), now).is_ok());
        assert!(budgets.take(ip("2001:db8:1:300::1"), now).is_err());
        assert!(budgets.take(ip("2001:db8:2:300::1"), now).is_ok());
    }

    #[test]
    fn an_ipv4_address_in_ipv6_clothes_is_an_ipv4_address() {
        let (budgets, now) = (budgets(1, 9), Instant::now());
        assert!(budgets.take(ip("192.0.2.1"), now).is_ok());
        assert!(budgets.take(ip("::ffff:192.0.2.1"), now).is_err());
    }

    #[test]
    fn a_flood_from_many_networks_leaves_everybody_else_the_whole_budget() {
        let (budgets, now) = (budgets(1, 1), Instant::now());
        for network in 0..200_u8 {
            assert!(budgets.take(IpAddr::from([192, 0, network, 1]), now).is_ok());
            assert!(budgets.take(IpAddr::from([192, 0, network, 1]), now).is_err());
        }
        assert!(budgets.take(ip("198.51.100.1"), now).is_ok());
    }

    #[test]
    fn the_default_lets_two_thousand_guesses_through_to_the_lockout() {
        let (budgets, now) = (Budgets::new(Limits::default()), Instant::now());
        assert!((0..2_000).all(|_| budgets.take(ip("192.0.2.1"), now).is_ok()));
    }
}
