//! `diagnose`: looks and judges here, without the service; `--watch` again and again, printing what has changed.

use std::{
    future::pending,
    io::{self, IsTerminal as _},
    path::PathBuf,
    time::Duration,
};

use flexnet_diagnostics::{
    collect::{Input, Progress},
    show::{Diagnosis, exit_code, progress, text},
};
use flexnet_protocol::{
    FaultCode,
    diagnosis::{Check, Point, PointState, Verdict},
    text::Language,
};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::show::Show;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(5);

/// The exit code. Only standard output can fail.
pub(crate) async fn run(socket: PathBuf, watch: bool, show: &mut Show) -> io::Result<u8> {
    let input = Input { socket, ..Input::installed() };
    let language = show.language();
    let interrupted = async {
        // Who looks once is ended by the signal itself.
        if !watch || tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    };
    looks(async || look(&input, language).await, watch, interrupted, show).await
}

/// What `look` sees until `interrupted`, or once. The exit code is the last look's.
async fn looks(
    look: impl AsyncFn() -> Diagnosis,
    watch: bool,
    interrupted: impl Future<Output = ()>,
    show: &mut Show,
) -> io::Result<u8> {
    let mut last: Option<Verdict> = None;
    let mut interrupted = std::pin::pin!(interrupted);
    loop {
        let diagnosis = tokio::select! {
            diagnosis = look() => diagnosis,
            () = &mut interrupted => break,
        };
        if last.as_ref().map(essence) != Some(essence(&diagnosis.verdict)) {
            if show.is_json() {
                show.value(&diagnosis)?;
            } else {
                show.print(&text(&diagnosis, show.language()))?;
            }
        }
        last = Some(diagnosis.verdict);
        if !watch {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = &mut interrupted => break,
        }
    }
    Ok(last.as_ref().map_or(0, exit_code))
}

/// What is news when it changes: the findings and the points of the way. How long a look took, and what a finding saw of it, differs each time.
fn essence(verdict: &Verdict) -> (Vec<(usize, FaultCode, &str)>, Vec<PointState>) {
    let lists = [verdict.first.as_slice(), &verdict.later, &verdict.hints, &verdict.explained];
    let findings = lists.into_iter().enumerate();
    let findings = findings.flat_map(|(list, found)| found.iter().map(move |f| (list, f.code, f.subject.as_str())));
    (findings.collect(), verdict.way.iter().map(|Point { state, .. }| *state).collect())
}

async fn look(input: &Input, language: Language) -> Diagnosis {
    let (told, heard) = mpsc::unbounded_channel();
    let (diagnosis, ()) = tokio::join!(Diagnosis::run(input, told), tell(heard, language));
    diagnosis
}

/// How far it is, on one line of the terminal that goes at the end.
async fn tell(mut heard: UnboundedReceiver<Progress>, language: Language) {
    let shown = io::stderr().is_terminal();
    let mut done = 0;
    while let Some(Progress { check }) = heard.recv().await {
        done += 1;
        if shown {
            eprint!("\r\x1b[K{}", progress(check, done, language));
        }
    }
    if shown && done == Check::ALL.len() {
        eprint!("\r\x1b[K");
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use flexnet_diagnostics::facts::Facts;
    use flexnet_protocol::diagnosis::Finding;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::show::tests::Screen;

    fn seen(code: Option<FaultCode>, detail: &str) -> Diagnosis {
        let first = code.map(|code| Finding { code, subject: String::new(), detail: detail.to_owned() });
        let verdict = Verdict { first, hints: Vec::new(), later: Vec::new(), explained: Vec::new(), way: Vec::new() };
        Diagnosis { facts: Facts::default(), verdict, desk: None }
    }

    /// What is said of these looks, one after the other, and the exit code; interrupted in the middle of a further look.
    async fn said(json: bool, watch: bool, seen: &[Diagnosis]) -> (String, u8) {
        let screen = Screen::default();
        let mut show = Show::to(Box::new(screen.clone()), json, Language::German, TimeZone::UTC);
        let left = RefCell::new(seen.iter().cloned());
        let all_seen = tokio::sync::Notify::new();
        let looked = Cell::new(0);
        let look = async || {
            looked.set(looked.get() + 1);
            let next = left.borrow_mut().next();
            if let Some(diagnosis) = next {
                return diagnosis;
            }
            all_seen.notify_one();
            pending().await
        };
        let code = looks(look, watch, all_seen.notified(), &mut show).await.unwrap();
        assert_eq!(looked.get(), if watch { seen.len() + 1 } else { 1 });
        (screen.text(), code)
    }

    #[tokio::test(start_paused = true)]
    async fn who_looks_once_is_told_the_cause_and_its_area_by_the_exit_code() {
        for (code, exit) in [
            (None, 0),
            (Some(FaultCode::DiskFull), 11),
            (Some(FaultCode::CertificateUntrusted), 14),
            (Some(FaultCode::ServiceDown), 19),
        ] {
            let (text, told) = said(false, false, &[seen(code, "")]).await;
            assert_eq!(told, exit, "{text}");
            assert_eq!(text.contains("KVF-"), code.is_some(), "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn watching_tells_only_what_has_changed_and_exits_by_the_last_look() {
        let looks = [
            seen(Some(FaultCode::ServiceDown), "after 12 ms"),
            seen(Some(FaultCode::ServiceDown), "after 14 ms"),
            seen(Some(FaultCode::DiskFull), ""),
            seen(None, ""),
            seen(None, ""),
        ];
        let (lines, code) = said(true, true, &looks).await;
        let codes: Vec<_> = lines
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["verdict"]["first"]["code"].clone())
            .collect();
        assert_eq!(code, 0);
        let told = |code: FaultCode| serde_json::to_value(code).unwrap();
        assert_eq!(codes, [told(FaultCode::ServiceDown), told(FaultCode::DiskFull), serde_json::Value::Null]);
        assert_eq!(said(true, true, &looks[..3]).await.1, 11);
    }

    #[tokio::test]
    async fn this_pc_is_looked_at_without_a_service() {
        let folder = tempfile::tempdir().unwrap();
        let screen = Screen::default();
        let mut show = Show::to(Box::new(screen.clone()), true, Language::German, TimeZone::UTC);
        let code = run(folder.path().join("none.sock"), false, &mut show).await.unwrap();
        let told: serde_json::Value = serde_json::from_str(&screen.text()).unwrap();
        let verdict: Verdict = serde_json::from_value(told["verdict"].clone()).unwrap();
        assert_eq!(code, exit_code(&verdict));
        assert!(!verdict.way.is_empty());
        assert_eq!(told["facts"]["program"]["service"], "no_socket");
    }
}
