//! Reports of a system in which every text is known: whole, shown, changed, and seeded with what must never come through.

mod canaries;
mod files;
mod keys;
mod sample;
mod sending;
mod texts;

use flexnet_protocol::report::Envelope;

use super::{InstallationKey, Scrubber, make};

fn as_it_is(text: &str) -> String {
    text.to_owned()
}

/// The report of the sample by a key that is always the same.
fn report() -> Envelope {
    let scrubber = Scrubber::knowing(["emuster", "Erika Muster", "PRAXIS-WEST-7"]);
    let (facts, verdict) = (sample::facts(&as_it_is), sample::verdict(&as_it_is));
    make(&facts, &verdict, &sample::events(&as_it_is), &InstallationKey::of_seed(7), &scrubber).unwrap()
}
