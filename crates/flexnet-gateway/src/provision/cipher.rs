//! Encrypted values of PSKC: AES-CBC, and an HMAC over the ciphertext that is checked before anything is opened. Without one nothing is taken.
//! The key is the maker's, or comes from a passphrase by PBKDF2.

use std::num::NonZeroU32;

use aws_lc_rs::{
    cipher::{AES_128, AES_192, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    hmac,
    iv::FixedLength,
    pbkdf2,
};
use data_encoding::HEXLOWER_PERMISSIVE;
use roxmltree::Node;
use zeroize::Zeroizing;

use super::{
    Error, Needed,
    pskc::{DSIG, PSKC, XENC, XENC11, bad, base64, child, need, number},
};

/// More would only cost time: of the file's own choosing, so there is a limit.
const MOST_ITERATIONS: u32 = 10_000_000;
const BLOCK: usize = 16;

/// What opens the values of a file.
pub struct Cipher {
    key: Zeroizing<Vec<u8>>,
    mac: Option<Mac>,
}

struct Mac {
    algorithm: hmac::Algorithm,
    key: Zeroizing<Vec<u8>>,
}

impl Cipher {
    /// From the container's `EncryptionKey` and `MACMethod`; nothing if the file is not encrypted.
    ///
    /// # Errors
    /// [`Error::Secret`] if the key was not given, [`Error::At`].
    pub fn of(container: Node<'_, '_>, secret: Option<&str>) -> Result<Option<Self>, Error> {
        let Some(key) = child(container, PSKC, "EncryptionKey") else { return Ok(None) };
        let key = if let Some(derived) = child(key, XENC11, "DerivedKey").or_else(|| child(key, PSKC, "DerivedKey")) {
            derive(derived, secret)?
        } else if child(key, DSIG, "KeyName").is_some() {
            let secret = secret.ok_or(Error::Secret(Needed::Key))?;
            let compact = Zeroizing::new(secret.replace([' ', ':'], ""));
            let key = HEXLOWER_PERMISSIVE.decode(compact.as_bytes()).map(Zeroizing::new);
            key.map_err(|_| Error::Whole("is opened by a key in hexadecimal; what was given is none"))?
        } else {
            return Err(bad(key, "only a key that was agreed on, or one from a passphrase, is supported"));
        };
        let mut cipher = Self { key, mac: None };
        if let Some(method) = child(container, PSKC, "MACMethod") {
            let algorithm = hmac_of(method)?;
            let key = match child(method, PSKC, "MACKey") {
                // Not authenticated itself: a changed one only makes every value's MAC wrong.
                Some(key) => cipher.decrypt(key, &cipher_value(key)?)?,
                None => cipher.key.clone(),
            };
            cipher.mac = Some(Mac { algorithm, key });
        }
        Ok(Some(cipher))
    }

    /// Opens the `EncryptedValue` of an element, after its `ValueMAC`.
    ///
    /// # Errors
    /// [`Error::At`].
    pub fn open(&self, element: Node<'_, '_>, encrypted: Node<'_, '_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mac = self.mac.as_ref().ok_or_else(|| bad(element, "an encrypted value without MACMethod is not taken"))?;
        let value = cipher_value(encrypted)?;
        let tag = base64(need(element, PSKC, "ValueMAC")?)?;
        hmac::verify(&hmac::Key::new(mac.algorithm, &mac.key), &value, &tag).map_err(|_| {
            bad(element, "the value's MAC is wrong: the file was changed, or the key is another file's")
        })?;
        self.decrypt(encrypted, &value)
    }

    /// The value begins with its initialisation vector and ends with padding whose last byte is its length.
    fn decrypt(&self, node: Node<'_, '_>, value: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let method = need(node, XENC, "EncryptionMethod")?;
        let algorithm = match method.attribute("Algorithm").and_then(|name| name.strip_prefix(XENC)) {
            Some("aes128-cbc") => &AES_128,
            Some("aes192-cbc") => &AES_192,
            Some("aes256-cbc") => &AES_256,
            Some(_) | None => return Err(bad(method, "only aes128-cbc, aes192-cbc and aes256-cbc are supported")),
        };
        let wrong = || bad(node, "does not open: the key is another file's");
        let unbound = UnboundCipherKey::new(algorithm, &self.key)
            .map_err(|_| bad(method, "the key that was given has another length"))?;
        let (iv, rest) = value.split_at_checked(BLOCK).ok_or_else(wrong)?;
        let iv = FixedLength::<BLOCK>::try_from(iv).map_err(|_| wrong())?;
        let key = PaddedBlockDecryptingKey::cbc_iso10126(unbound).map_err(|_| wrong())?;
        let mut plain = Zeroizing::new(rest.to_vec());
        let length = key.decrypt(&mut plain, DecryptionContext::Iv128(iv)).map_err(|_| wrong())?.len();
        plain.truncate(length);
        Ok(plain)
    }
}

fn derive(derived: Node<'_, '_>, secret: Option<&str>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let method = need(derived, derived.tag_name().namespace().unwrap_or(XENC11), "KeyDerivationMethod")?;
    if !method.attribute("Algorithm").is_some_and(|name| name.ends_with("#pbkdf2")) {
        return Err(bad(method, "only PBKDF2 is supported"));
    }
    let parameters = method.children().find(|node| node.tag_name().name() == "PBKDF2-params");
    let parameters = parameters.ok_or_else(|| bad(method, "PBKDF2-params is missing"))?;
    let part = |name: &str| {
        let found = parameters.children().find(|node| node.is_element() && node.tag_name().name() == name);
        found.ok_or_else(|| bad(parameters, &format!("{name} is missing")))
    };
    let salt = part("Salt")?;
    let specified = salt.children().find(|node| node.tag_name().name() == "Specified");
    let salt = base64(specified.ok_or_else(|| bad(salt, "only a salt that is specified is supported"))?)?;
    let iterations: u32 = number(part("IterationCount")?)?;
    let iterations = NonZeroU32::new(iterations).filter(|count| count.get() <= MOST_ITERATIONS);
    let iterations = iterations.ok_or_else(|| bad(parameters, "IterationCount must be 1 to 10,000,000"))?;
    let length: usize = number(part("KeyLength")?)?;
    if ![16, 24, 32].contains(&length) {
        return Err(bad(parameters, "KeyLength must be 16, 24 or 32"));
    }
    let prf = match part("PRF").ok().and_then(|prf| prf.attribute("Algorithm")).and_then(|name| name.rsplit('#').next())
    {
        None | Some("hmac-sha1") => pbkdf2::PBKDF2_HMAC_SHA1,
        Some("hmac-sha256") => pbkdf2::PBKDF2_HMAC_SHA256,
        Some("hmac-sha512") => pbkdf2::PBKDF2_HMAC_SHA512,
        Some(_) => return Err(bad(parameters, "only hmac-sha1, hmac-sha256 and hmac-sha512 are supported as PRF")),
    };
    let secret = secret.ok_or(Error::Secret(Needed::Passphrase))?;
    let mut key = Zeroizing::new(vec![0; length]);
    pbkdf2::derive(prf, iterations, &salt, secret.as_bytes(), &mut key);
    Ok(key)
}

fn hmac_of(method: Node<'_, '_>) -> Result<hmac::Algorithm, Error> {
    match method.attribute("Algorithm").and_then(|name| name.rsplit('#').next()) {
        Some("hmac-sha1") => Ok(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        Some("hmac-sha256") => Ok(hmac::HMAC_SHA256),
        Some("hmac-sha512") => Ok(hmac::HMAC_SHA512),
        Some(_) | None => Err(bad(method, "only hmac-sha1, hmac-sha256 and hmac-sha512 are supported")),
    }
}

fn cipher_value(node: Node<'_, '_>) -> Result<Zeroizing<Vec<u8>>, Error> {
    base64(need(need(node, XENC, "CipherData")?, XENC, "CipherValue")?)
}
