//! The database: whether it answers, whose schema it has, whether the audit can go on, whether the clock can be believed. Changes nothing in it.

use std::{io::ErrorKind, net::IpAddr};

use sqlx::{AnyPool, Row as _};
use tokio::time::timeout;

use super::{PATIENCE, findings::Findings, maintenance, replication};
use crate::{
    audit, cli,
    clock::Clock,
    config::{Config, Place},
    db::{Database, Schema},
    error::Error,
    gateways::TWO_BEATS,
    leases,
    operations::announced,
    seal::{Keys, rotate},
};

/// Looks at it. `running`: this gateway answers.
pub(super) async fn look(found: &mut Findings, config: &Config, running: bool) {
    let database = match timeout(PATIENCE * 3, Database::open(&config.database)).await {
        Ok(Ok(database)) => database,
        Ok(Err(error)) => {
            let advice = advice(&error).map(|advice| format!(" ({advice})")).unwrap_or_default();
            return found.error(format!("{}{advice}", cli::chain(&error)));
        }
        Err(_) => return found.error("the database does not answer"),
    };
    match database.schema().await {
        Ok(Schema { is, wanted }) if is == wanted => {
            found.fine("the database answers and has this version's schema");
            if let Err(error) = content(found, config, &database, running).await {
                found.wrong(&error);
            }
        }
        Ok(Schema { is: 0, .. }) => found.note("the database answers and is empty: the next start makes its tables"),
        Ok(Schema { is, wanted }) => found
            .warning(format!("the database answers; the next start brings its schema from version {is} to {wanted}")),
        Err(error) => found.wrong(&error),
    }
    database.close().await;
}

async fn content(found: &mut Findings, config: &Config, database: &Database, running: bool) -> Result<(), Error> {
    // A standby, or a file that is another's, refuses already here.
    database.write().await?.rollback().await?;
    let read = database.read();
    // Keys that cannot be read are told elsewhere. Those of another founding would make the audit look changed.
    if let Ok(keys) = Keys::load(&config.files.keys) {
        match rotate::follow(database, &keys, None).await {
            Ok(()) => audits_end(found, read, &keys).await?,
            Err(error) => found.wrong(&error),
        }
    }
    maintenance(found, "for all gateways over this database", announced(read).await?);
    match Clock::new(audit::latest(read).await?).sane() {
        Some(_) => found.fine("the clock lies behind the last row of the audit"),
        None => found.error(
            "the clock lies before the last row of the audit, or was never set: nobody can sign in. Set it by NTP; if it is right and rows are of the future: `admin clock accept`",
        ),
    }
    if let Place::Url(_) = config.database {
        replication::look(found, read).await?;
    }
    others(found, config, read, running).await
}

/// Other gateways over this database have other ids and other pools.
async fn others(found: &mut Findings, config: &Config, read: &AnyPool, running: bool) -> Result<(), Error> {
    let select = "SELECT gateway, addresses FROM session WHERE ended IS NULL AND gateway <> $1 AND gateway <> ''";
    for row in sqlx::query(select).bind(&config.id).fetch_all(read).await? {
        let (gateway, addresses): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let inside = |address: &IpAddr| config.tunnel.pools.iter().any(|pool| pool.contains(address));
        if let Some(address) = leases::parse(&addresses).iter().find(|address| inside(address)) {
            found.error(format!(
                "tunnel.pools: {address} is a member's at {gateway}: every gateway has pools of its own"
            ));
            break;
        }
    }
    let seen = sqlx::query_scalar::<_, i64>("SELECT seen FROM gateway WHERE name = $1").bind(&config.id);
    if let Some(seen) = seen.fetch_optional(read).await?
        && !running
        && config.operations.listen.is_some()
        && Clock::new(0).now() - seen < TWO_BEATS.as_secs().cast_signed()
    {
        found.warning(format!(
            "gateway.id: {} said seconds ago that it lives, and nothing answers here: if it was not stopped just now, another host has this id, and the older of two ends",
            config.id
        ));
    }
    Ok(())
}

async fn audits_end(found: &mut Findings, read: &AnyPool, keys: &Keys) -> Result<(), Error> {
    match audit::stands(read, keys.audit()).await {
        Ok(()) => found.fine("the audit's end is as it was sealed (`admin audit verify` follows the whole chain)"),
        Err(error @ Error::Audit(_)) => {
            found.error(format!("{}. Nobody is let in: find out why, then `admin audit reseal`", cli::chain(&error)));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// What to do about the usual reasons why a PostgreSQL lets nobody in (its codes: PostgreSQL's manual, appendix A).
fn advice(error: &Error) -> Option<&'static str> {
    let Error::Database(error) = error else { return None };
    if let sqlx::Error::Database(error) = error {
        return match error.code().as_deref() {
            Some("28P01") => Some("the password in database.url_file is not the one of that role"),
            Some("28000") => {
                Some("pg_hba.conf has no line for this role, database and address, or the role may not log in")
            }
            Some("3D000") => Some("createdb makes it"),
            Some(_) | None => None,
        };
    }
    if let sqlx::Error::Configuration(_) = error {
        return Some(
            "in the URL, what is no letter or digit in the role's name and password is written as % and two hexadecimal digits",
        );
    }
    let sqlx::Error::Io(error) = error else { return None };
    if error.kind() == ErrorKind::ReadOnlyFilesystem {
        return Some(
            "the URL must name the primary, by a name that follows it: docs/database.md, \"Replicated PostgreSQL\"",
        );
    }
    if error.kind() == ErrorKind::NotFound {
        return Some("is the database, or the file of sslrootcert, where the configuration says?");
    }
    let told = error.to_string();
    // The words of rustls-webpki: one certificate cannot be both.
    if told.contains("CaUsedAsEndEntity") {
        return Some(
            "the database's certificate is its own authority (openssl req -x509): it needs one that an authority gave out, and sslrootcert holds that authority; docs/database.md, \"Its certificate\"",
        );
    }
    told.contains("peer certificate").then_some(
        "sslrootcert must hold the authority of the database's certificate, and the URL the host's name that stands in it",
    )
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;
    use crate::{os, tls};

    async fn advised(url: &str) -> &'static str {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("database.url");
        os::write_private(&file, url.as_bytes()).unwrap();
        let error = Database::open(&Place::Url(file)).await.unwrap_err();
        advice(&error).unwrap_or_else(|| panic!("no advice about {}", cli::chain(&error)))
    }

    #[tokio::test]
    async fn what_to_do_is_said_where_a_postgresql_lets_nobody_in() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = server.local_addr().unwrap().port();
        for (code, told) in [("28P01", "password"), ("28000", "pg_hba.conf"), ("3D000", "createdb")] {
            let refuse = async {
                let (mut client, _) = server.accept().await.unwrap();
                // It asks for TLS first (PostgreSQL's manual, "Message Flow").
                let mut request = [0; 8];
                client.read_exact(&mut request).await.unwrap();
                client.write_all(b"N").await.unwrap();
                let length = client.read_u32().await.unwrap() as usize;
                client.read_exact(&mut vec![0; length - 4]).await.unwrap();
                let fields = format!("SFATAL\0VFATAL\0C{code}\0Mno\0\0");
                client.write_u8(b'E').await.unwrap();
                client.write_u32(u32::try_from(fields.len()).unwrap() + 4).await.unwrap();
                client.write_all(fields.as_bytes()).await.unwrap();
            };
            let url = format!("postgres://gw@127.0.0.1:{port}/kv");
            let (advised, ()) = tokio::join!(advised(&url), refuse);
            assert!(advised.contains(told), "{code}: {advised}");
        }
        assert!(advised("postgres://gw:ge#heim@localhost/kv").await.contains("two hexadecimal digits"));
    }

    #[tokio::test]
    async fn a_certificate_that_is_its_own_authority_is_named_as_the_cause() {
        let dir = tempfile::tempdir().unwrap();
        let (pem, key_pem) = (dir.path().join("own.pem"), dir.path().join("own-key.pem"));
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        std::fs::write(&pem, params.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(&key_pem, key.serialize_pem()).unwrap();
        let tls = tokio_rustls::TlsAcceptor::from(tls::config(&pem, &key_pem).unwrap());
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = server.local_addr().unwrap().port();
        let present = async {
            let (mut client, _) = server.accept().await.unwrap();
            client.read_exact(&mut [0; 8]).await.unwrap();
            client.write_all(b"S").await.unwrap();
            assert!(tls.accept(client).await.is_err());
        };
        let url = format!("postgres://gw@localhost:{port}/kv?sslmode=verify-full&sslrootcert={}", pem.display());
        let (advised, ()) = tokio::join!(advised(&url), present);
        assert!(advised.contains("its own authority"), "{advised}");
    }
}
