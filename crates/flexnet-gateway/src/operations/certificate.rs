//! What a certificate says of itself, for those who must renew it in time. Judges no chain: members' PCs do that.

use x509_parser::{extensions::GeneralName, parse_x509_certificate};

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its time begins, seconds since 1970 UTC.
    pub begins: i64,
    /// Its time ends, seconds since 1970 UTC.
    pub ends: i64,
    /// The DNS names that it is for.
    pub names: Vec<String>,
    /// Whose signature it has.
    pub issuer: String,
    /// Whose it is.
    pub subject: String,
}

/// Reads a certificate in DER; nothing if it is none.
pub fn facts(der: &[u8]) -> Option<Facts> {
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names
        .iter()
        .flat_map(|names| &names.value.general_names)
        .filter_map(|name| if let GeneralName::DNSName(name) = name { Some((*name).to_owned()) } else { None });
    Some(Facts {
        begins: certificate.validity().not_before.timestamp(),
        ends: certificate.validity().not_after.timestamp(),
        names: names.collect(),
        issuer: certificate.issuer().to_string(),
        subject: certificate.subject().to_string(),
    })
}
