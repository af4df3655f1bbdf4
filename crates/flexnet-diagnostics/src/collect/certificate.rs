//! The certificate that was shown, judged against the profile's authority and, where it is somebody else's, against the store of this system.

use std::time::Duration;

use rustls::{
    RootCertStore,
    client::{verify_server_cert_signed_by_trust_anchor, verify_server_name},
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use tokio::task::spawn_blocking;
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _, x509::X509Name};

use crate::facts::Certificate;

/// As much of an issuer's name as is kept.
const NAME: usize = 80;

/// Judges the chain, leaf first. Reading the system's store is done away from the loop.
pub(super) async fn judge(
    chain: Vec<CertificateDer<'static>>,
    name: &ServerName<'static>,
    roots: RootCertStore,
    ms: u64,
) -> Certificate {
    let mut judged = Certificate {
        ours: false,
        self_signed: false,
        trusted_here: false,
        issuer: String::new(),
        names_gateway: false,
        not_before: 0,
        not_after: 0,
        ms,
    };
    let Some((leaf, rest)) = chain.split_first() else { return judged };
    let Ok((_, parsed)) = X509Certificate::from_der(leaf) else { return judged };
    let validity = parsed.validity();
    (judged.not_before, judged.not_after) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    judged.self_signed = parsed.issuer().as_raw() == parsed.subject().as_raw();
    judged.issuer = common_name(parsed.issuer());
    judged.names_gateway = ParsedCertificate::try_from(leaf).is_ok_and(|leaf| verify_server_name(&leaf, name).is_ok());
    let moments = moments(judged.not_before, judged.not_after);
    judged.ours = ends_in(&roots, leaf, rest, &moments);
    if !judged.ours {
        let look = spawn_blocking(move || {
            let store = system_store();
            chain.split_first().is_some_and(|(leaf, rest)| ends_in(&store, leaf, rest, &moments))
        });
        judged.trusted_here = look.await.unwrap_or_default();
    }
    judged
}

/// Whether the chain ends in one of the roots at one of these moments. Whether that is now is another question, which has its own codes.
fn ends_in(roots: &RootCertStore, leaf: &CertificateDer<'_>, rest: &[CertificateDer<'_>], at: &[UnixTime]) -> bool {
    let Ok(leaf) = ParsedCertificate::try_from(leaf) else { return false };
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms.all;
    at.iter().any(|at| verify_server_cert_signed_by_trust_anchor(&leaf, roots, rest, *at, algorithms).is_ok())
}

/// Now, if the leaf is valid now; else just inside either end, because what lies between may be younger or older than the leaf.
fn moments(not_before: i64, not_after: i64) -> Vec<UnixTime> {
    let moment = |seconds: i64| UnixTime::since_unix_epoch(Duration::from_secs(seconds.try_into().unwrap_or_default()));
    let now = UnixTime::now();
    if (not_before..=not_after).contains(&i64::try_from(now.as_secs()).unwrap_or(i64::MAX)) {
        return vec![now];
    }
    let middle = not_before / 2 + not_after / 2;
    vec![moment(not_after.saturating_sub(1)), moment(not_before.saturating_add(1)), moment(middle)]
}

/// What this system trusts. Certificates that it cannot read are left out; an empty store trusts nobody.
fn system_store() -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    store
}

/// Common name, else organisation: short, and without what moves a line.
fn common_name(name: &X509Name<'_>) -> String {
    let all = name.iter_common_name().chain(name.iter_organization());
    let first = all.filter_map(|attribute| attribute.as_str().ok()).find(|text| !text.trim().is_empty());
    first.unwrap_or_default().chars().filter(|c| !c.is_control()).take(NAME).collect()
}
