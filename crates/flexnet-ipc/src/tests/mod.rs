//! Both sides against each other, against garbage, and over a real socket.

mod conversation;
mod garbage;
#[cfg(unix)]
mod socket;

use flexnet_protocol::{
    desk::{DeskContact, Holidays},
    local::{Reply, Request, ToClient},
    snapshot::{Portal, Snapshot, State},
};

use crate::{Connection, Replies};

pub(crate) fn snapshot(revision: u64) -> ToClient {
    let desk = DeskContact {
        name: "IT-ServiceDesk".into(),
        phone: "0231 94 32 99 00".into(),
        phone_uri: "+4923194329900".into(),
        time_zone: "Europe/Berlin".into(),
        holidays: Holidays::None,
        hours: Vec::new(),
    };
    ToClient::Snapshot(Box::new(Snapshot {
        revision,
        version: "0.1.0".into(),
        organisation: "Muster-KV".into(),
        desk: desk.at(0),
        portal: Portal { url: "http://portal.snk.example/".into(), hosts: vec!["portal.snk.example".into()] },
        state: State::SignedOut { ended: None, refused: None },
    }))
}

/// A service that accepts everything and shows a snapshot to whoever watches.
async fn serve(connection: Connection) {
    let (mut requests, replies) = connection.split();
    while let Some(Ok(asked)) = requests.next().await {
        if asked.request == Request::Watch {
            replies.send(snapshot(1));
        }
        accept(&replies, asked.id);
    }
}

fn accept(replies: &Replies, id: u32) {
    replies.send(ToClient::Reply { id, reply: Reply::Accepted });
}
