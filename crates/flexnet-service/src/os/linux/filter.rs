//! The packet filter: one nftables table of ours, set and removed in one transaction each, and put back when another program takes it away.
//! What stands in it is `rules`' matter. Never touches a table of anybody else.

use std::time::Duration;

use flexnet_protocol::Fault;
use serde_json::{Value, json};
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{
    nft::{self, Changes},
    program,
    rules::{self, Bounds},
    settings, told,
};

/// The table, of family `inet`.
pub(super) const TABLE: &str = "kv_flexnet";
/// After a try to put it back that came to nothing.
const PAUSE: Duration = Duration::from_secs(1);
/// A transaction that was begun is given this long to end before the table is removed.
const LAST: Duration = Duration::from_secs(10);

/// A table that stands, and the task that keeps it.
pub(super) struct Filter {
    stop: oneshot::Sender<()>,
    keeper: JoinHandle<()>,
}

impl Filter {
    /// Sets the table to what the policy wants, replacing an older one without a gap, and keeps it so.
    pub(super) async fn set(bounds: &Bounds<'_>) -> Result<Option<Self>, Fault> {
        let Some(batch) = rules::transaction(bounds) else { return Ok(None) };
        let failed = |error: &dyn std::error::Error| settings("packet filter", error);
        let changes = Changes::listen().map_err(|e| failed(&e))?;
        nft::apply(&batch).await.map_err(|e| failed(&e))?;
        let (stop, stopped) = oneshot::channel();
        Ok(Some(Self { stop, keeper: tokio::spawn(keep(changes, batch, stopped)) }))
    }

    /// Lets it stand and keeps it no more.
    pub(super) async fn let_go(mut self) {
        drop(self.stop);
        if timeout(LAST, &mut self.keeper).await.is_err() {
            // With it the program ends that it runs: nothing is set after this.
            self.keeper.abort();
            drop(self.keeper.await);
        }
    }
}

/// Fails where there is no `nft`, no nftables in the kernel or no permission, before anything depends on it.
pub(super) async fn usable() -> Result<(), Fault> {
    stands().await.map(drop).map_err(|e| settings("packet filter", &e))
}

/// Removes the table, if it is there. `kept` is the one of this session.
pub(super) async fn remove(kept: Option<Filter>) -> Result<Option<String>, String> {
    if let Some(filter) = kept {
        filter.let_go().await;
    }
    let Some(left) = left().await? else { return Ok(None) };
    let batch = json!({ "nftables": [rules::delete()] });
    nft::apply(&batch).await.map_err(|error| failed(&error))?;
    Ok(Some(left))
}

/// What [`remove`] would remove.
pub(super) async fn left() -> Result<Option<String>, String> {
    match stands().await {
        Ok(stands) => Ok(stands.then(|| format!("packet filter table inet {TABLE}"))),
        // Without the program nothing was set: the package depends on it, and a session does not begin without.
        Err(nft::Error::Program(error)) if error.is_absent() => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &nft::Error) -> String {
    format!("packet filter table {TABLE}: {}", told(error))
}

/// Whether the table is there.
async fn stands() -> Result<bool, nft::Error> {
    let listed = nft::tables().await?;
    let objects = listed.pointer("/nftables").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(objects.iter().any(|object| object.pointer("/table/name").and_then(Value::as_str) == Some(TABLE)))
}

/// Looks whenever anybody has changed rules, and puts ours back. Between the two the tunnel's routes still stand; only what had no route through it was free.
async fn keep(changes: Changes, batch: Value, mut stopped: oneshot::Receiver<()>) {
    // Read here and not before: the member waits for the tunnel, and starting a program takes longer than all the rest of it.
    let wanted = loop {
        match made(&batch).await {
            Ok(wanted) => break wanted,
            Err(what) => tracing::error!(what, "the packet filter cannot be read"),
        }
        tokio::select! {
            _ = &mut stopped => return,
            () = sleep(PAUSE) => {}
        }
    };
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            () = changes.next() => {}
        }
        // Not given up in the middle: whoever lets go waits for a transaction that was begun.
        while let Err(what) = look(&batch, &wanted).await {
            tracing::error!(what, "the packet filter cannot be put back");
            tokio::select! {
                _ = &mut stopped => return,
                () = sleep(PAUSE) => {}
            }
        }
    }
}

/// The table as it was made; made again if it is gone already.
async fn made(batch: &Value) -> Result<Value, String> {
    match nft::table(TABLE).await {
        Ok(table) => return Ok(bare(table)),
        Err(nft::Error::Program(program::Error::Refused { .. })) => {}
        Err(error) => return Err(told(&error)),
    }
    nft::apply(batch).await.map_err(|e| told(&e))?;
    nft::table(TABLE).await.map(bare).map_err(|e| told(&e))
}

async fn look(batch: &Value, wanted: &Value) -> Result<(), String> {
    match nft::table(TABLE).await.map(bare) {
        Ok(table) if table == *wanted => return Ok(()),
        Ok(_) => {}
        // There is no such table.
        Err(nft::Error::Program(program::Error::Refused { .. })) => {}
        Err(error) => return Err(told(&error)),
    }
    nft::apply(batch).await.map_err(|e| told(&e))?;
    tracing::warn!("another program has changed our packet filter: it is put back");
    Ok(())
}

/// A table as `nft` lists it, without the numbers that change each time it is made, and without what is counted.
fn bare(mut listed: Value) -> Value {
    fn clean(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.remove("handle");
                map.values_mut().for_each(clean);
            }
            Value::Array(list) => list.iter_mut().for_each(clean),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    clean(&mut listed);
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_table_made_again_is_the_same() {
        let made = |handle| {
            bare(json!({ "nftables": [
                { "table": { "name": TABLE, "handle": handle } },
                { "rule": { "handle": handle + 1, "expr": [{ "drop": null }] } },
            ] }))
        };
        assert_eq!(made(3), made(40));
        assert_ne!(made(3), bare(json!({ "nftables": [{ "table": { "name": TABLE, "handle": 3 } }] })));
    }
}
