//! What reads bytes of strangers, one function a target: each may refuse anything and must never panic, and what it takes must mean the same when written again.
//! libFuzzer calls them from `fuzz/` (`./dev fuzz`); the tests only go over the corpus.
//! [`web`] is what the gateway is sent from the internet, [`tokens`] what makers send the KV, [`radius`] a token server, [`local`] what programs on the PC
//! send the service, [`carrier`] and [`os`] what comes out of tunnels and beside them.

pub mod carrier;
pub mod local;
pub mod os;
pub mod radius;
pub mod tokens;
pub mod web;

use std::cell::OnceCell;

/// A target's function. Whether anything was taken: what is refused at the door is tried, and not built upon, or most of what libFuzzer
/// collects would be other ways to be no JSON.
pub type Target = fn(&[u8]) -> bool;

/// Those of every system, each with the folder of its corpus. [`os::TARGETS`] are the others.
pub const TARGETS: [(&str, Target); 10] = [
    ("api", web::api),
    ("answers", web::answers),
    ("form", web::form),
    ("headers", web::headers),
    ("report", web::report),
    ("provision", tokens::provision),
    ("radius", radius::radius),
    ("link", local::link),
    ("ipc", local::ipc),
    ("capsules", carrier::capsules),
];

/// Runs what only looks asynchronous: nothing in it waits for anything outside.
fn block_on<F: Future>(future: F) -> Option<F::Output> {
    thread_local! {
        static RUNTIME: OnceCell<Option<tokio::runtime::Runtime>> = const { OnceCell::new() };
    }
    RUNTIME.with(|runtime| {
        let begin = || tokio::runtime::Builder::new_current_thread().enable_time().build().ok();
        runtime.get_or_init(begin).as_ref().map(|runtime| runtime.block_on(future))
    })
}
