//! SIGHUP: the certificate with its key and the maintenance note are read again. What cannot be read, or does not fit, changes nothing.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use super::certificate;
use crate::{config::Config, error::Error, gateway::Gateway, os, tls::Certificate};

/// Reads again each time it is asked, until dropped.
pub async fn reload_when_asked(gateway: Weak<Gateway>, certificate: Arc<Certificate>, path: PathBuf) {
    loop {
        os::asked_to_reload().await;
        let Some(gateway) = gateway.upgrade() else { return };
        match reload(&gateway, &certificate, &path) {
            Ok(()) => tracing::info!("certificate and maintenance note were read again"),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "nothing was taken over of what was to be read again"
                );
            }
        }
    }
}

fn reload(gateway: &Gateway, certificate: &Certificate, path: &Path) -> Result<(), Error> {
    let config = Config::load(path)?;
    certificate.reload(&config.files.certificate, &config.files.certificate_key)?;
    note_certificate(gateway, certificate);
    gateway.note.configure(config.maintenance);
    Ok(())
}

/// Tells the pulse when the certificate ends.
pub fn note_certificate(gateway: &Gateway, certificate: &Certificate) {
    if let Some(facts) = certificate.leaf().and_then(|leaf| certificate::facts(&leaf)) {
        gateway.pulse.certificate(facts.ends);
    }
}
