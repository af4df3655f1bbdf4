//! The gateway's own authority, which profiles pin, and its server's certificate. ECDSA P-256.

use std::net::SocketAddr;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use zeroize::Zeroizing;

use crate::error::Error;

/// Everything as PEM.
pub(super) struct Certificates {
    pub authority: String,
    pub authority_key: Zeroizing<String>,
    pub server: String,
    pub server_key: Zeroizing<String>,
}

/// Years for which the authority is good; profiles are replaced before.
const AUTHORITY_YEARS: i16 = 20;
/// Years for which the server's certificate is good.
const SERVER_YEARS: i16 = 5;

pub(super) fn make(name: &str, api: &[SocketAddr]) -> Result<Certificates, Error> {
    let authority_key = KeyPair::generate().map_err(Error::Certificates)?;
    let server_key = KeyPair::generate().map_err(Error::Certificates)?;
    let secret = |key: &KeyPair| Zeroizing::new(key.serialize_pem());
    let keys = (secret(&authority_key), secret(&server_key));

    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(&format!("KV-FlexNet authority of {name}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid_for(&mut params, AUTHORITY_YEARS);
    let authority = CertifiedIssuer::self_signed(params, authority_key).map_err(Error::Certificates)?;

    let mut names = vec![name.to_owned()];
    names.extend(api.iter().map(|address| address.ip().to_string()).filter(|ip| ip != "0.0.0.0" && ip != "::"));
    let mut params = CertificateParams::new(names).map_err(Error::Certificates)?;
    params.distinguished_name = common_name(name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    valid_for(&mut params, SERVER_YEARS);
    let server = params.signed_by(&server_key, &authority).map_err(Error::Certificates)?;

    Ok(Certificates { authority: authority.pem(), authority_key: keys.0, server: server.pem(), server_key: keys.1 })
}

fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

/// From the first of last month, so that a PC whose clock is some days behind gets in, for whole years.
fn valid_for(params: &mut CertificateParams, years: i16) {
    let today = jiff::Zoned::now().date();
    let (year, month) = if today.month() == 1 { (today.year() - 1, 12) } else { (today.year(), today.month() - 1) };
    let month = u8::try_from(month).unwrap_or(1);
    params.not_before = date_time_ymd(i32::from(year), month, 1);
    params.not_after = date_time_ymd(i32::from(today.year() + years), month, 1);
}
