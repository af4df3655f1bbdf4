//! One diagnosis at a time, told while it goes on. What it looks at is the test's.

use flexnet_diagnostics::{collect::Progress, facts::Facts};
use flexnet_protocol::diagnosis::Check;
use tauri::Listener as _;
use tokio::sync::{Semaphore, mpsc::UnboundedSender};

use super::*;
use crate::diagnosis::Diagnosis;

/// Looks that tell one check for each step that the test lets them make.
#[derive(Clone)]
pub(super) struct Looks {
    steps: Arc<Semaphore>,
    begun: Arc<Mutex<u32>>,
}

impl Default for Looks {
    fn default() -> Self {
        Self { steps: Arc::new(Semaphore::new(0)), begun: Arc::default() }
    }
}

impl Looks {
    pub(super) fn diagnosis(&self) -> Diagnosis {
        let looks = self.clone();
        Diagnosis::with(Box::new(move |tell| looks.clone().look(tell).boxed()))
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
    stage.looks.steps.add_permits(Check::ALL.len() + 1);
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
    stage.looks.steps.add_permits(Check::ALL.len() + 1);
    let third = stage.call("diagnose", json!({"run": 3})).unwrap();
    assert_eq!(third["run"], 3, "nothing of the others is left in it");
    assert!(heard.lock().unwrap().iter().all(|looked| looked["run"] != 2), "it never came to a check");
}

#[test]
fn a_diagnosis_needs_no_service() {
    let stage = Stage::with(OUT);
    stage.service.away(true);
    stage.until(|link| link["kind"] == "down");
    stage.looks.steps.add_permits(Check::ALL.len() + 1);
    assert_eq!(stage.call("diagnose", json!({"run": 1})).unwrap()["run"], 1);
    stage.call("widen", json!({"wide": true})).unwrap();
    stage.call("widen", json!({"wide": false})).unwrap();
}
