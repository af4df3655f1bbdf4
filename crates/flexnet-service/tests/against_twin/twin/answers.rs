//! What the gateway answers, request by request.

use std::{net::SocketAddr, sync::Arc};

use flexnet_protocol::{
    FaultCode, Key, Secret,
    gateway::{EndReason, Grant, Redeem, Resume, TrafficPolicy, TunnelGrant},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use super::{Answer, Inside, Line, MEMBER, Seen};

impl Inside {
    pub(super) async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let line = *self.line.lock().unwrap();
        match line {
            Line::Good | Line::OtherKeyExchange => {}
            Line::Cut => return,
            Line::Silent => std::future::pending().await,
            Line::NotTls => {
                drop(stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n").await);
                std::future::pending::<()>().await;
            }
        }
        let Ok(stream) = self.acceptor.accept(stream).await else { return };
        let service = service_fn(move |request| self.clone().answer(request));
        drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
    }

    /// An error cuts the connection.
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<hyper::body::Bytes>>, &'static str> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| "cut")?.to_bytes();
        let answer = match (head.method, head.uri.path()) {
            (Method::GET, "/v1/info") => {
                self.seen.lock().unwrap().infos += 1;
                Ok(reply(200, &self.info()))
            }
            (Method::POST, "/v1/sessions") => {
                self.seen.lock().unwrap().sign_ins.push(serde_json::from_slice(&body).unwrap());
                self.stirred.notify_waiters();
                let next = self.answers.lock().unwrap().pop_front().unwrap_or(Answer::Grant);
                let brought = self.seen(|seen| seen.sign_ins.last().and_then(|entry| entry.preshared_key.clone()));
                self.sign_in(next, brought).await
            }
            (Method::POST, "/v1/sessions/redeem") => {
                let request: Redeem = serde_json::from_slice(&body).unwrap();
                let waits = head.headers.contains_key("prefer");
                self.seen.lock().unwrap().redeemed.push((body.to_vec(), waits));
                self.stirred.notify_waiters();
                let next = self.handoffs.lock().unwrap().pop_front().unwrap_or(Answer::Grant);
                self.sign_in(next, request.preshared_key).await
            }
            (Method::POST, "/v1/sessions/redeem/refuse") => {
                self.seen.lock().unwrap().refused.push(body.to_vec());
                Ok(nothing())
            }
            (Method::POST, "/v1/session/report-token-lost") => {
                assert_eq!(head.headers.get("authorization").unwrap(), "Bearer session-token");
                self.seen.lock().unwrap().reported_lost += 1;
                let answer = self.own_session(&json!({}));
                self.ended.lock().unwrap().get_or_insert(EndReason::TokenLost);
                answer.map(|answer| if answer.status() == 200 { nothing() } else { answer })
            }
            (Method::POST, "/v1/session/resync-token") => {
                assert_eq!(head.headers.get("authorization").unwrap(), "Bearer session-token");
                self.seen.lock().unwrap().resyncs.push(serde_json::from_slice(&body).unwrap());
                let next = self.resyncs.lock().unwrap().pop_front();
                match next {
                    Some(answer) => self.sign_in(answer, None).await,
                    None => Ok(nothing()),
                }
            }
            (Method::GET, "/v1/session") => {
                let wait = head.headers.get("prefer").map(|value| value.to_str().unwrap().to_owned());
                self.seen.lock().unwrap().polls += 1;
                if let Some(wait) = wait {
                    let seconds = wait.strip_prefix("wait=").unwrap().parse().unwrap();
                    self.seen.lock().unwrap().waits.push(wait);
                    self.stirred.notify_waiters();
                    let ends = async {
                        loop {
                            let stirred = self.stirred.notified();
                            if self.ended.lock().unwrap().is_some() {
                                return;
                            }
                            stirred.await;
                        }
                    };
                    drop(tokio::time::timeout(std::time::Duration::from_secs(seconds), ends).await);
                }
                self.own_session(&self.state())
            }
            (Method::POST, "/v1/session/extend") => {
                assert_eq!(head.headers.get("authorization").unwrap(), "Bearer session-token");
                self.seen.lock().unwrap().extended += 1;
                self.own_session(&self.state())
            }
            (Method::POST, "/v1/session/resume") => {
                assert_eq!(head.headers.get("authorization").unwrap(), "Bearer session-token");
                let keys: Resume = serde_json::from_slice(&body).unwrap();
                self.seen.lock().unwrap().resumed.push(keys.clone());
                self.own_session(&serde_json::to_value(grant(self.place, keys.preshared_key)).unwrap())
            }
            (Method::DELETE, "/v1/session") => {
                assert_eq!(head.headers.get("authorization").unwrap(), "Bearer session-token");
                self.seen.lock().unwrap().sign_outs += 1;
                Ok(reply(200, &json!({})))
            }
            _ => Ok(reply(404, &json!({}))),
        };
        self.stirred.notify_waiters();
        answer
    }

    /// The answer to a call of the own session: lost, its end, or this.
    fn own_session(&self, live: &Value) -> Result<Response<Full<hyper::body::Bytes>>, &'static str> {
        let mut lose = self.lose.lock().unwrap();
        if let Some(left) = lose.checked_sub(1) {
            *lose = left;
            return Err("lost");
        }
        let ended = *self.ended.lock().unwrap();
        Ok(match ended {
            Some(reason) => reply(410, &problem(410, FaultCode::SessionEnded, None, Some(reason))),
            None => reply(200, live),
        })
    }

    fn state(&self) -> Value {
        json!({
            "session_id": "s", "started": 1, "absolute_end": 36_001, "idle_end": 1_801, "failures_before": 0, "last_sign_in": null,
        })
    }

    fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }

    async fn sign_in(
        &self,
        answer: Answer,
        brought: Option<Key>,
    ) -> Result<Response<Full<hyper::body::Bytes>>, &'static str> {
        match answer {
            Answer::Digits(digits) => {
                let now = self.server_time.lock().unwrap().unwrap_or_else(now);
                Ok(reply(202, &json!({ "display_name": MEMBER, "digits": digits, "expires": now + 60 })))
            }
            Answer::Unnamed(name) => {
                Ok(reply(202, &json!({ "display_name": name, "digits": "47", "expires": now() + 60 })))
            }
            Answer::Grant => Ok(reply(201, &serde_json::to_value(grant(self.place, brought)).unwrap())),
            Answer::OwnKey => Ok(reply(201, &serde_json::to_value(grant(self.place, None)).unwrap())),
            Answer::WideGrant => {
                let mut grant = grant(self.place, brought);
                grant.tunnel.portal_networks.push("0.0.0.0/0".parse().unwrap());
                Ok(reply(201, &serde_json::to_value(grant).unwrap()))
            }
            Answer::Problem(status, fault, left) => Ok(reply(status, &problem(status, fault, left, None))),
            Answer::Garbage => Ok(Response::new(Full::from("<html>hello</html>"))),
            Answer::Lost => Err("lost"),
            Answer::Hang => std::future::pending().await,
            Answer::Wait(told) => {
                told.notified().await;
                Ok(reply(201, &serde_json::to_value(grant(self.place, brought)).unwrap()))
            }
            Answer::WaitAndRefuse(told, left) => {
                told.notified().await;
                Ok(reply(403, &problem(403, FaultCode::Refused, Some(left), None)))
            }
        }
    }

    fn info(&self) -> Value {
        let time = self.server_time.lock().unwrap().unwrap_or_else(now);
        let mut info = json!({
            "name": "Muster-KV", "version": "0.1.0", "min_client_version": "0.1.0", "server_time": time,
            "policy": { "attempts": 5, "idle_seconds": 1800, "absolute_seconds": 36000 },
            "desk": { "name": "d", "phone": "1", "phone_uri": "+1", "time_zone": "UTC", "hours": [] },
            "portal_url": "http://portal.snk.example/",
        });
        if let Some(hint) = &*self.hint.lock().unwrap() {
            info["tunnel"] = serde_json::to_value(hint).unwrap();
        }
        info
    }
}

fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    i64::try_from(now).unwrap()
}

fn nothing() -> Response<Full<hyper::body::Bytes>> {
    Response::builder().status(204).body(Full::default()).unwrap()
}

fn reply(status: u16, body: &Value) -> Response<Full<hyper::body::Bytes>> {
    let kind = if status < 300 { "application/json" } else { "application/problem+json" };
    Response::builder().status(status).header("content-type", kind).body(Full::from(body.to_string())).unwrap()
}

fn problem(status: u16, fault: FaultCode, left: Option<u8>, reason: Option<EndReason>) -> Value {
    let mut body = json!({ "type": "about:blank", "title": "no", "status": status, "fault": fault });
    if let Some(left) = left {
        body["attempts_left"] = left.into();
    }
    if let Some(reason) = reason {
        body["end_reason"] = serde_json::to_value(reason).unwrap();
    }
    body
}

pub(super) fn tunnel_end(place: u8) -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 9 + place], 51820))
}

/// With the preshared key that the client brought, or one of the gateway's own.
fn grant(place: u8, brought: Option<Key>) -> Grant {
    Grant {
        session_id: "s".into(),
        session_token: Secret::new("session-token"),
        absolute_end: 4_000_000_000,
        idle_seconds: 1800,
        failures_before: 2,
        last_sign_in: None,
        display_name: MEMBER.into(),
        portal_url: "http://portal.snk.example/".into(),
        tunnel: TunnelGrant {
            gateway_public_key: Key::new([place; 32]),
            preshared_key: brought.unwrap_or(Key::new([2; 32])),
            endpoints: vec![tunnel_end(place)],
            addresses: vec![format!("10.200.{}.2/32", place - 1).parse().unwrap()],
            portal_networks: vec!["10.210.0.0/24".parse().unwrap()],
            dns_servers: vec!["10.210.0.53".parse().unwrap()],
            dns_domains: vec!["snk.example".into()],
            portal_hosts: Vec::new(),
            mtu: 1420,
            keepalive_seconds: 25,
            policy: TrafficPolicy::PortalOnlyRoutes,
        },
    }
}
