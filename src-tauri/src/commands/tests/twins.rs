//! The service and the operating system in memory.

use super::*;

/// A service in memory: accepts everything, tells what the test publishes, signs out when asked.
#[derive(Clone)]
pub(super) struct Service(pub(super) Arc<Mutex<Inner>>);

pub(super) struct Inner {
    now: Snapshot,
    pub(super) asked: Vec<Request>,
    clients: Vec<flexnet_ipc::Replies>,
    connections: Vec<tauri::async_runtime::JoinHandle<()>>,
    away: bool,
}

impl Service {
    pub(super) fn new(state: SessionState) -> Self {
        let now = snapshot(state);
        Self(Arc::new(Mutex::new(Inner { now, asked: vec![], clients: vec![], connections: vec![], away: false })))
    }

    pub(super) fn door(&self) -> crate::link::Connect {
        let service = self.clone();
        Box::new(move || {
            let service = service.clone();
            async move {
                if service.0.lock().unwrap().away {
                    return Err(FaultCode::ServiceDown.into());
                }
                let (end, connection) = flexnet_ipc::memory();
                let serving = tauri::async_runtime::spawn(service.clone().serve(connection));
                service.0.lock().unwrap().connections.push(serving);
                Client::over(end).await
            }
            .boxed()
        })
    }

    async fn serve(self, connection: flexnet_ipc::Connection) {
        let (mut requests, replies) = connection.split();
        while let Some(Ok(ToService { id, request })) = requests.next().await {
            let reply = match &request {
                Request::Hello { .. } => Reply::Hello { version: VERSION.into() },
                Request::Repair => Reply::Repaired(Repaired {
                    undone: vec![RepairStep::new(RepairKind::Device, "device kvflex0")],
                    ..Repaired::default()
                }),
                Request::ReportTokenLost => Reply::Done,
                Request::ResyncToken { first, .. } if first.expose() == "111111" => {
                    Reply::WrongEntry(WrongEntry { fault: FaultCode::TokenOutOfStep.into(), attempts_left: Some(3) })
                }
                Request::ResyncToken { first, .. } if first.expose() == "1" => {
                    Reply::Refused(FaultCode::EntryShape.into())
                }
                Request::ResyncToken { .. } => Reply::Done,
                Request::Watch
                | Request::Prepare
                | Request::SignIn(_)
                | Request::Redeem { .. }
                | Request::ConfirmIdentity { .. }
                | Request::Cancel
                | Request::Extend
                | Request::SignOut
                | Request::Acknowledge => Reply::Accepted,
                Request::RepairPreview => Reply::RepairPlan(RepairPlan {
                    steps: vec![RepairStep::new(RepairKind::Device, "device kvflex0")],
                    foreign: Vec::new(),
                }),
                Request::Health => Reply::Health(Health::default()),
                Request::Events => Reply::Events(Vec::new()),
            };
            replies.send(ToClient::Reply { id, reply });
            if request == Request::Watch {
                let mut inner = self.0.lock().unwrap();
                inner.clients.push(replies.clone());
                replies.send(ToClient::Snapshot(Box::new(inner.now.clone())));
            }
            let ends = matches!(request, Request::SignOut | Request::Cancel);
            if !matches!(request, Request::Hello { .. }) {
                self.0.lock().unwrap().asked.push(request);
            }
            if ends {
                self.publish(OUT);
            }
        }
    }

    pub(super) fn publish(&self, state: SessionState) {
        let mut next = self.0.lock().unwrap().now.clone();
        next.state = state;
        next.revision += 1;
        self.send(&next);
    }

    pub(super) fn send(&self, snapshot: &Snapshot) {
        let mut inner = self.0.lock().unwrap();
        inner.now = snapshot.clone();
        inner.clients.iter().for_each(|client| client.send(ToClient::Snapshot(Box::new(snapshot.clone()))));
    }

    pub(super) fn last(&self) -> Option<Request> {
        self.0.lock().unwrap().asked.last().cloned()
    }

    pub(super) fn away(&self, away: bool) {
        let mut inner = self.0.lock().unwrap();
        inner.away = away;
        inner.clients.clear();
        inner.connections.drain(..).for_each(|connection| connection.abort());
    }
}

/// The operating system in memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Twin(Arc<Mutex<Vec<String>>>);

impl Twin {
    pub(super) fn done(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn note(&self, what: String) -> Result<(), String> {
        self.0.lock().unwrap().push(what);
        Ok(())
    }
}

impl System for Twin {
    fn dial(&self, number: &str) -> Result<(), String> {
        self.note(format!("dial {number}"))
    }

    fn show_folder(&self, folder: &Path) -> Result<(), String> {
        self.note(format!("show {}", folder.display()))
    }

    fn start_with_system(&self, wanted: bool) -> Result<(), String> {
        self.note(format!("start with system: {wanted}"))
    }

    fn remind(&self) -> Result<(), String> {
        self.note("remind".into())
    }

    fn end(&self) {
        self.note("end".into()).unwrap();
    }
}
