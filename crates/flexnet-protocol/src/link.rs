//! The deep link by which a browser hands a sign-in to the application: `kv-flexnet://connect?ticket=...`, and nothing else.
//! Anybody can make a PC open a link, so whatever differs by one sign is refused. No error repeats any of it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{Fault, FaultCode, Secret};

/// The scheme that the application opens.
pub const SCHEME: &str = "kv-flexnet";

/// What stands before the ticket.
const BEFORE: &str = "kv-flexnet://connect?ticket=";
/// The same with the slash that some systems put behind a host.
const BEFORE_WITH_SLASH: &str = "kv-flexnet://connect/?ticket=";
/// Bytes of a ticket.
const TICKET: usize = 16;

/// Why a link is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// Not ours, or it asks for something else than to connect.
    #[error("not a link to connect")]
    Other,
    /// The ticket is not the base64url of 16 bytes, or something stands behind it.
    #[error("the ticket is not whole")]
    Ticket,
}

impl From<BadLink> for Fault {
    fn from(bad: BadLink) -> Self {
        Self::new(FaultCode::LinkBroken, bad.to_string())
    }
}

/// The ticket of a link.
///
/// # Errors
/// [`BadLink`] for everything that [`link`] does not write.
pub fn ticket(link: &str) -> Result<Secret, BadLink> {
    let ticket = link.strip_prefix(BEFORE).or_else(|| link.strip_prefix(BEFORE_WITH_SLASH)).ok_or(BadLink::Other)?;
    if is_ticket(ticket) { Ok(Secret::new(ticket)) } else { Err(BadLink::Ticket) }
}

/// The link that carries this ticket.
pub fn link(ticket: &Secret) -> Secret {
    Secret::new([BEFORE, ticket.expose()].concat())
}

/// Whether a text is the one form in which 16 bytes are a ticket.
pub fn is_ticket(text: &str) -> bool {
    let mut bytes = zeroize::Zeroizing::new([0; TICKET + 2]);
    // The decoder takes no padding and no bits that are left over, so no ticket has two forms.
    text.len() == 22 && URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut_slice()) == Ok(TICKET)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg";

    #[test]
    fn the_link_as_it_is_written_is_read() {
        for good in [GOOD, "kv-flexnet://connect/?ticket=MDEyMzQ1Njc4OWFiY2RlZg"] {
            let read = ticket(good).unwrap();
            assert_eq!(read.expose(), "MDEyMzQ1Njc4OWFiY2RlZg");
            assert_eq!(link(&read).expose(), GOOD);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for (other, why) in [
            ("", BadLink::Other),
            ("https://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            ("KV-FLEXNET://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            (" kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            ("kv-flexnet:connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            ("kv-flexnet://disconnect?ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            ("kv-flexnet://connect.example?ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            ("kv-flexnet://connect:80?ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            ("kv-flexnet://a@connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            ("kv-flexnet://connect//?ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            ("kv-flexnet://connect?a=b&ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            ("kv-flexnet://connect?Ticket=MDEyMzQ1Njc4OWFiY2RlZg", BadLink::Other),
            ("kv-flexnet://connect", BadLink::Other),
            ("kv-flexnet://connect?ticket=", BadLink::Ticket),
            ("kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZ", BadLink::Ticket),
            ("kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZgA", BadLink::Ticket),
            ("kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg==", BadLink::Ticket),
            ("kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZh", BadLink::Ticket),
            ("kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2Rl+/", BadLink::Ticket),
            ("kv-flexnet://connect?ticket=%4DDEyMzQ1Njc4OWFiY2Rl", BadLink::Ticket),
            ("kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg&a=b", BadLink::Ticket),
            ("kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg#a", BadLink::Ticket),
            ("kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg\n", BadLink::Ticket),
            ("kv-flexnet://connect?ticket=ÄÄÄÄÄÄÄÄÄÄÄ", BadLink::Ticket),
        ] {
            assert_eq!(ticket(other).unwrap_err(), why, "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn sixteen_bytes_are_one_ticket(bytes in any::<[u8; 16]>()) {
            let text = Secret::new(URL_SAFE_NO_PAD.encode(bytes));
            prop_assert_eq!(ticket(link(&text).expose()), Ok(text));
        }

        #[test]
        fn what_is_taken_is_what_would_be_written(text in "(kv-flexnet:/{0,3})?(connect)?/?\\??(ticket=)?[A-Za-z0-9_%=&#-]{0,25}") {
            if let Ok(taken) = ticket(&text) {
                let written = link(&taken);
                prop_assert_eq!(written.expose(), text.replace("connect/?", "connect?"));
            }
        }

        #[test]
        fn one_sign_more_less_or_other_is_another_link(bytes in any::<[u8; 16]>(), at in 0..50_usize, sign in any::<char>()) {
            let good = link(&Secret::new(URL_SAFE_NO_PAD.encode(bytes))).expose().to_owned();
            let (before, behind) = good.split_at(at);
            let changed = [before.to_owned() + &sign.to_string() + behind, before.to_owned() + &sign.to_string() + &behind.chars().skip(1).collect::<String>()];
            for other in changed.into_iter().filter(|other| *other != good && !other.contains("connect/?")) {
                match ticket(&other) {
                    // Another ticket in the same place.
                    Ok(taken) => {
                        let written = link(&taken);
                        prop_assert_eq!(written.expose(), other);
                    }
                    Err(bad) => {
                        let told = format!("{bad:?} {bad}");
                        prop_assert!(!told.contains(&good[28..]));
                    }
                }
            }
        }

        #[test]
        fn no_text_makes_it_fall(text in any::<String>()) {
            drop(ticket(&text));
        }
    }
}
