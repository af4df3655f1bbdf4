//! One diagnosis at a time, told while it goes on, and its report. What it looks at, who signs and who takes the report are the test's.

use flexnet_diagnostics::{
    collect::Progress,
    facts::Facts,
    report::{InstallationKey, Scrubber, Shape, verify},
};
use flexnet_protocol::{
    diagnosis::Check,
    events::{Event, Level},
    report::{Envelope, Kept},
};
use futures_util::future::ready;
use tauri::Listener as _;
use tokio::sync::{Semaphore, mpsc::UnboundedSender};

use super::*;
use crate::{diagnosis::Diagnosis, report::Reports};

/// Looks that tell one check for each step that the test lets them make.
#[derive(Clone)]
pub(super) struct Looks {
    steps: Arc<Semaphore>,
    begun: Arc<Mutex<u32>>,
    sent: Arc<Mutex<Vec<Envelope>>>,
    unsent: Arc<Mutex<Option<Fault>>>,
}

impl Default for Looks {
    fn default() -> Self {
        Self { steps: Arc::new(Semaphore::new(0)), begun: Arc::default(), sent: Arc::default(), unsent: Arc::default() }
    }
}

impl Looks {
    pub(super) fn doors(&self) -> (Diagnosis, Reports) {
        let (looks, sent, unsent) = (self.clone(), self.sent.clone(), self.unsent.clone());
        let signer = || Ok((InstallationKey::for_this_run().unwrap(), Scrubber::knowing(["m.muster"])));
        let sender = move |envelope| {
            sent.lock().unwrap().push(envelope);
            let answer =
                unsent.lock().unwrap().clone().map_or_else(|| Ok(Kept { number: "48213".into(), until: 7 }), Err);
            async move { answer }.boxed()
        };
        let told = Event { number: 1, at_ms: 2, level: Level::Info, place: "service".into(), text: "serving".into() };
        let teller = move || ready(vec![told.clone()]).boxed();
        let diagnosis = Diagnosis::with(Box::new(move |tell| looks.clone().look(tell).boxed()));
        (diagnosis, Reports::with(Box::new(signer), Box::new(sender), Box::new(teller)))
    }

    fn let_all_go(&self) {
        self.steps.add_permits(Check::ALL.len() + 1);
    }

    async fn look(self, tell: UnboundedSender<Progress>) -> Facts {
        *self.begun.lock().unwrap() += 1;
        for check in Check::ALL {
            self.steps.acquire().await.unwrap().forget();
            tell.send(Progress { check }).unwrap();
        }
        self.steps.acquire().await.unwrap().forget();
        Facts { at: 1_790_000_000, ..Facts::default() }
    }

    fn begun(&self) -> u32 {
        *self.begun.lock().unwrap()
    }
}

fn heard(stage: &Stage) -> Arc<Mutex<Vec<Value>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let into = heard.clone();
    main_window::window(stage.app.handle()).listen("diagnosis", move |event| {
        into.lock().unwrap().push(serde_json::from_str(event.payload()).unwrap());
    });
    heard
}

/// Asks for a diagnosis without waiting for it.
fn begin(stage: &Stage, run: u32) -> std::thread::JoinHandle<Result<Value, Value>> {
    let window = main_window::window(stage.app.handle());
    std::thread::spawn(move || invoke(&window, "tauri://localhost", "diagnose", json!({"run": run})))
}

#[test]
fn a_diagnosis_is_told_check_by_check_and_ends_with_a_verdict() {
    let stage = Stage::with(OUT);
    let heard = heard(&stage);
    stage.looks.let_all_go();
    let outcome = stage.call("diagnose", json!({"run": 7})).unwrap();
    assert_eq!((&outcome["run"], &outcome["at"]), (&json!(7), &json!(1_790_000_000)));
    assert!(outcome["took_ms"].is_u64() && outcome["verdict"]["way"].is_array(), "{outcome}");
    let told = heard.lock().unwrap().clone();
    assert_eq!(told.len(), Check::ALL.len());
    let pc = Check::ALL.iter().filter(|check| check.place() == flexnet_protocol::diagnosis::Place::Pc).count();
    assert_eq!(told[0]["way"][0], json!({"place": "pc", "done": 1, "of": pc}));
    assert_eq!((&told[0]["run"], &told[0]["next"]), (&json!(7), &json!("system")));
    let last = told.last().unwrap();
    assert_eq!(last["next"], Value::Null);
    assert!(last["way"].as_array().unwrap().iter().all(|point| point["done"] == point["of"]), "{last}");
}

#[test]
fn a_second_one_gives_up_the_first_and_so_does_the_member() {
    let stage = Stage::with(OUT);
    let heard = heard(&stage);
    let first = begin(&stage, 1);
    eventually("the first", || stage.looks.begun() == 1);
    stage.looks.steps.add_permits(2);
    eventually("two checks", || heard.lock().unwrap().len() == 2);
    let second = begin(&stage, 2);
    assert_eq!(first.join().unwrap(), Ok(Value::Null));
    eventually("the second", || stage.looks.begun() == 2);
    stage.call("stop_diagnosis", json!({})).unwrap();
    assert_eq!(second.join().unwrap(), Ok(Value::Null));
    stage.looks.let_all_go();
    let third = stage.call("diagnose", json!({"run": 3})).unwrap();
    assert_eq!(third["run"], 3, "nothing of the others is left in it");
    assert!(heard.lock().unwrap().iter().all(|looked| looked["run"] != 2), "it never came to a check");
}

#[test]
fn a_diagnosis_needs_no_service() {
    let stage = Stage::with(OUT);
    stage.service.away(true);
    stage.until(|link| link["kind"] == "down");
    stage.looks.let_all_go();
    assert_eq!(stage.call("diagnose", json!({"run": 1})).unwrap()["run"], 1);
    stage.call("widen", json!({"wide": true})).unwrap();
    stage.call("widen", json!({"wide": false})).unwrap();
}

#[test]
fn what_is_shown_is_what_is_sent_and_nothing_goes_before() {
    let stage = Stage::with(OUT);
    stage.looks.let_all_go();
    stage.call("diagnose", json!({"run": 1})).unwrap();
    let shown = stage.call("report_preview", json!({"run": 1})).unwrap();
    assert!(!shown["sections"].as_array().unwrap().is_empty(), "{shown}");
    assert!(stage.looks.sent.lock().unwrap().is_empty(), "to look at it sends nothing");
    assert_eq!(stage.call("report_send", json!({"run": 1})), Ok(json!({"number": "48213", "until": 7})));
    let sent = stage.looks.sent.lock().unwrap().clone();
    let [envelope] = sent.as_slice() else { panic!("once: {sent:?}") };
    assert!(envelope.report.contains("\"text\":\"serving\""), "the service's last events: {}", envelope.report);
    let whole = verify(serde_json::to_string(envelope).unwrap().as_bytes()).unwrap();
    assert_eq!((whole.shape, &json!(whole.check_code)), (Shape::Sealed, &shown["check_code"]));
    assert_eq!(
        stage.call("report_preview", json!({"run": 1})).unwrap()["check_code"],
        shown["check_code"],
        "made once"
    );
}

#[test]
fn a_report_that_does_not_arrive_is_told_with_its_fault() {
    let stage = Stage::with(OUT);
    stage.looks.let_all_go();
    stage.call("diagnose", json!({"run": 1})).unwrap();
    *stage.looks.unsent.lock().unwrap() = Some(FaultCode::GatewaySilent.into());
    assert_eq!(stage.fault("report_send", json!({"run": 1})), FaultCode::GatewaySilent);
}

#[test]
fn there_is_no_report_but_of_the_last_diagnosis() {
    let stage = Stage::with(OUT);
    let commands = ["report_preview", "report_save", "report_send"];
    for command in commands {
        assert_eq!(stage.fault(command, json!({"run": 1})), FaultCode::BadRequest, "none has run");
    }
    for run in [1, 2] {
        stage.looks.let_all_go();
        stage.call("diagnose", json!({"run": run})).unwrap();
    }
    for command in commands {
        assert_eq!(stage.fault(command, json!({"run": 1})), FaultCode::BadRequest, "another ran since");
    }
    assert!(stage.looks.sent.lock().unwrap().is_empty());
}

#[test]
fn a_report_is_saved_under_a_free_name_and_is_whole() {
    let stage = Stage::with(OUT);
    stage.looks.let_all_go();
    stage.call("diagnose", json!({"run": 1})).unwrap();
    let desktop = stage.app.state::<Desktop>();
    let seen = desktop.diagnosis.seen(1).unwrap();
    let folder = stage.folder.path().join("Downloads");
    let save = || tauri::async_runtime::block_on(desktop.reports.save(&seen, Language::German, &folder));
    for name in ["KV-FlexNet-Bericht.html", "KV-FlexNet-Bericht (2).html"] {
        assert_eq!(json!(save().unwrap()), json!({"name": name, "whole": true}));
        assert_eq!(verify(&std::fs::read(folder.join(name)).unwrap()).unwrap().shape, Shape::Page(Language::German));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "").unwrap();
    assert_eq!(save().unwrap_err().code, FaultCode::HomeUnwritable);
}
