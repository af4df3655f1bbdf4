//! PSKC (RFC 6030), the profiles HOTP and TOTP, with plain or encrypted seeds. XML without document types, so without entities of any kind.
//! What a file asks for and this gateway does not do (a PIN in the TAN, check digits, an end of use) refuses the file: it would not be the maker's token any more.

use std::str::FromStr;

use data_encoding::BASE64;
use jiff::Timestamp;
use roxmltree::{Document, Node, ParsingOptions};
use zeroize::Zeroizing;

use super::{Error, Provisioned, cipher::Cipher, hash};
use crate::tokens::{Hash, Kind};

pub(super) const PSKC: &str = "urn:ietf:params:xml:ns:keyprov:pskc";
pub(super) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(super) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
pub(super) const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// Elements, attributes and texts of the largest file.
const NODES: u32 = 4_000_000;

/// Reads the tokens, each with the line of its key.
///
/// # Errors
/// [`Error`] with the line.
pub fn read(text: &str, secret: Option<&str>, now: i64) -> Result<Vec<(u32, Provisioned)>, Error> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| Error::At { line: error.pos().row, what: "is no XML, or XML with a document type".into() })?;
    let container = document.root_element();
    if !container.has_tag_name((PSKC, "KeyContainer")) {
        return Err(bad(container, "is no KeyContainer of RFC 6030"));
    }
    let cipher = Cipher::of(container, secret)?;
    let packages = container.children().filter(|node| node.has_tag_name((PSKC, "KeyPackage")));
    let mut lines = Lines { text: document.input_text(), at: 0, line: 1 };
    let token = |package: Node<'_, '_>| {
        let token = Package { package, cipher: cipher.as_ref(), now }.token()?;
        let line = lines.of(package.range().start);
        Ok((line, token.checked(line)?))
    };
    packages.map(token).collect()
}

/// Counts lines on the way through a file: asked for each package anew, a large file would be counted through as often.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, at: usize) -> u32 {
        let passed = self.text.as_bytes().get(self.at..at).unwrap_or_default();
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = at;
        self.line
    }
}

struct Package<'a, 'i> {
    package: Node<'a, 'i>,
    cipher: Option<&'a Cipher>,
    now: i64,
}

impl<'a, 'i> Package<'a, 'i> {
    fn token(&self) -> Result<Provisioned, Error> {
        let key = need(self.package, PSKC, "Key")?;
        let kind = match key.attribute("Algorithm").and_then(|name| name.strip_prefix(PSKC)) {
            // The drafts wrote it with a hash sign, and makers still do.
            Some(":hotp" | "#hotp") => Kind::Hotp,
            Some(":totp" | "#totp") => Kind::Totp,
            Some(_) | None => return Err(bad(key, "only the algorithms HOTP and TOTP are supported")),
        };
        if let Some(policy) = child(key, PSKC, "Policy") {
            self.check_policy(policy)?;
        }
        let serial = child(self.package, PSKC, "DeviceInfo").and_then(|device| child(device, PSKC, "SerialNo"));
        let serial = serial.map(text).or(key.attribute("Id")).unwrap_or_default().trim().to_owned();
        let (digits, hash) = format(key)?;
        let data = need(key, PSKC, "Data")?;
        Ok(Provisioned {
            serial,
            kind,
            hash,
            digits,
            period: self.plain(data, "TimeInterval")?.unwrap_or(30),
            seed: self.secret(need(data, PSKC, "Secret")?)?,
            counter: match (kind, self.plain(data, "Counter")?) {
                (Kind::Hotp, None) => return Err(bad(data, "Counter is missing")),
                (Kind::Hotp, Some(counter)) => counter,
                (Kind::Totp, _) => 0,
            },
            drift: self.plain(data, "TimeDrift")?.unwrap_or(0),
        })
    }

    fn secret(&self, element: Node<'a, 'i>) -> Result<Zeroizing<Vec<u8>>, Error> {
        if let Some(plain) = child(element, PSKC, "PlainValue") {
            return base64(plain);
        }
        let encrypted = need(element, PSKC, "EncryptedValue")?;
        let cipher = self.cipher.ok_or_else(|| bad(element, "is encrypted, and the file has no EncryptionKey"))?;
        cipher.open(element, encrypted)
    }

    /// A number that may be absent.
    fn plain<T: FromStr>(&self, data: Node<'a, 'i>, name: &str) -> Result<Option<T>, Error> {
        let Some(element) = child(data, PSKC, name) else { return Ok(None) };
        let plain = child(element, PSKC, "PlainValue");
        plain
            .map(number)
            .transpose()?
            .map_or_else(|| Err(bad(element, "only a plain value is supported here")), |n| Ok(Some(n)))
    }

    /// Whoever does not understand a policy must not use the key.
    fn check_policy(&self, policy: Node<'a, 'i>) -> Result<(), Error> {
        for rule in policy.children().filter(Node::is_element) {
            let time = || {
                let written = text(rule).trim();
                written.parse::<Timestamp>().map(Timestamp::as_second).map_err(|_| bad(rule, "is no time"))
            };
            match rule.tag_name().name() {
                "StartDate" if time()? > self.now => return Err(bad(rule, "the token may not be used yet")),
                "ExpiryDate" if time()? <= self.now => return Err(bad(rule, "the token may not be used any more")),
                "StartDate" | "ExpiryDate" => {}
                "KeyUsage" if text(rule).trim() == "OTP" => {}
                // The device asks for it, and the TAN is as without.
                "PINPolicy" if rule.attribute("PINUsageMode") == Some("Local") => {}
                name => return Err(bad(rule, &format!("the policy {name} is not supported"))),
            }
        }
        Ok(())
    }
}

/// Digits and hash function.
fn format(key: Node<'_, '_>) -> Result<(u8, Hash), Error> {
    let parameters = need(key, PSKC, "AlgorithmParameters")?;
    let response = need(parameters, PSKC, "ResponseFormat")?;
    if response.attribute("Encoding") != Some("DECIMAL") {
        return Err(bad(response, "only the encoding DECIMAL is supported"));
    }
    if matches!(response.attribute("CheckDigits"), Some("true" | "1")) {
        return Err(bad(response, "check digits are not supported"));
    }
    let digits = response.attribute("Length").and_then(|length| length.trim().parse().ok());
    let digits = digits.ok_or_else(|| bad(response, "Length must be a number"))?;
    let suite = match child(parameters, PSKC, "Suite") {
        None => Hash::Sha1,
        Some(suite) => hash(text(suite)).ok_or_else(|| bad(suite, "only SHA-1, SHA-256 and SHA-512 are supported"))?,
    };
    Ok((digits, suite))
}

pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, namespace: &str, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|node| node.has_tag_name((namespace, name)))
}

pub(super) fn need<'a, 'i>(node: Node<'a, 'i>, namespace: &str, name: &str) -> Result<Node<'a, 'i>, Error> {
    child(node, namespace, name).ok_or_else(|| bad(node, &format!("{name} is missing")))
}

pub(super) fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default()
}

pub(super) fn base64(node: Node<'_, '_>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let compact = Zeroizing::new(text(node).split_ascii_whitespace().collect::<String>());
    BASE64.decode(compact.as_bytes()).map(Zeroizing::new).map_err(|_| bad(node, "is no base64"))
}

pub(super) fn number<T: FromStr>(node: Node<'_, '_>) -> Result<T, Error> {
    text(node).trim().parse().map_err(|_| bad(node, "is no number that can be right"))
}

pub(super) fn line(node: Node<'_, '_>) -> u32 {
    node.document().text_pos_at(node.range().start).row
}

pub(super) fn bad(node: Node<'_, '_>, what: &str) -> Error {
    Error::At { line: line(node), what: format!("{}: {what}", node.tag_name().name()) }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};
    use crate::provision::Needed;

    /// A container with one package each.
    fn container(head: &str, packages: &[String]) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<KeyContainer Version=\"1.0\" xmlns=\"{PSKC}\" xmlns:ds=\"{DSIG}\" \
             xmlns:xenc=\"{XENC}\" xmlns:xenc11=\"{XENC11}\">\n{head}{}</KeyContainer>\n",
            packages.concat()
        )
    }

    /// Four lines each.
    fn package(serial: &str, kind: &str, parameters: &str, secret: &str, data: &str) -> String {
        format!(
            "<KeyPackage><DeviceInfo><SerialNo>{serial}</SerialNo></DeviceInfo>\n<Key Id=\"{serial}\" Algorithm=\"{PSKC}:{kind}\">\
             <AlgorithmParameters>{parameters}</AlgorithmParameters>\n<Data><Secret>{secret}</Secret>{data}</Data>\n</Key></KeyPackage>\n"
        )
    }

    const SIX: &str = "<ResponseFormat Length=\"6\" Encoding=\"DECIMAL\"/>";
    const PLAIN: &str = "<PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue>";
    const COUNTER: &str = "<Counter><PlainValue>0</PlainValue></Counter>";
    const SEED: &[u8] = b"12345678901234567890";

    fn hotp(serial: &str) -> String {
        package(serial, "hotp", SIX, PLAIN, COUNTER)
    }

    fn one(file: &str, secret: Option<&str>) -> Result<Provisioned, Error> {
        read(file.as_bytes(), secret, 1_800_000_000).map(|mut tokens| tokens.remove(0))
    }

    fn encrypted(method: &str, cipher: &str, value: &str, mac: &str) -> String {
        let method = format!("<xenc:EncryptionMethod Algorithm=\"{XENC}{method}\"/>");
        let value = format!(
            "<EncryptedValue>{method}<xenc:CipherData><xenc:CipherValue>\n  {value}\n</xenc:CipherValue></xenc:CipherData></EncryptedValue>"
        );
        format!("{value}<ValueMAC>{mac}</ValueMAC>{cipher}")
    }

    fn mac_method(algorithm: &str, method: &str, value: &str) -> String {
        let method = format!("<xenc:EncryptionMethod Algorithm=\"{XENC}{method}\"/>");
        let value = format!("<xenc:CipherData><xenc:CipherValue>{value}</xenc:CipherValue></xenc:CipherData>");
        format!("<MACMethod Algorithm=\"{algorithm}\"><MACKey>{method}{value}</MACKey></MACMethod>\n")
    }

    #[test]
    fn hotp_and_totp_come_with_all_they_have() {
        let parameters = "<Suite>HMAC-SHA256</Suite><ResponseFormat Length=\"8\" Encoding=\"DECIMAL\"/>";
        let totp = "<Time><PlainValue>0</PlainValue></Time><TimeInterval><PlainValue>60</PlainValue></TimeInterval>\
                    <TimeDrift><PlainValue>-3</PlainValue></TimeDrift>";
        let counter = "<Counter><PlainValue>42</PlainValue></Counter>";
        let packages = [package("A", "hotp", SIX, PLAIN, counter), package("B", "totp", parameters, PLAIN, totp)];
        let tokens = read(container("", &packages).as_bytes(), None, 0).unwrap();
        let [a, b] = tokens.as_slice() else { panic!("{tokens:?}") };
        assert_eq!((a.serial.as_str(), a.kind, a.hash, a.digits, a.counter), ("A", Kind::Hotp, Hash::Sha1, 6, 42));
        assert_eq!((b.serial.as_str(), b.kind, b.hash, b.digits), ("B", Kind::Totp, Hash::Sha256, 8));
        assert_eq!((b.period, b.drift, b.seed.as_slice()), (60, -3, SEED));
        assert_eq!(format!("{a:?}"), "Provisioned(A)");
    }

    /// The values of RFC 6030, figure 6.
    #[test]
    fn a_key_that_was_agreed_on_opens_the_example_of_the_standard() {
        let sha1 = format!("{DSIG}hmac-sha1");
        let mac = mac_method(&sha1, "aes128-cbc", "ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX");
        let head = format!("<EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></EncryptionKey>\n{mac}");
        let value = "AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv";
        let secret = encrypted("aes128-cbc", "", value, "Su+NvtQfmvfJzF6bmQiJqoLRExc=");
        let file = container(&head, &[package("45678901", "hotp", SIX, &secret, COUNTER)]);
        assert_eq!(one(&file, None), Err(Error::Secret(Needed::Key)));
        let key = "12345678901234567890123456789012";
        assert_eq!(one(&file, Some(key)).unwrap().seed.as_slice(), SEED);
        assert_eq!(one(&file, Some("12:34:56:78 90123456 78901234 56789012")).unwrap().seed.as_slice(), SEED);
        let wrong = one(&file, Some("12345678901234567890123456789013")).unwrap_err().to_string();
        assert!(wrong.contains("key is another file's"), "{wrong}");
        assert!(one(&file, Some("1234")).unwrap_err().to_string().contains("another length"));
        assert!(one(&file, Some("kein Schlüssel")).unwrap_err().to_string().contains("hexadecimal"));
        let changed = file.replace("AAECAwQF", "AAECAwQG");
        assert!(one(&changed, Some(key)).unwrap_err().to_string().contains("MAC is wrong"), "the IV is covered, too");
        let bare = file.replace(&mac, "").replace("<ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=</ValueMAC>", "");
        assert!(one(&bare, Some(key)).unwrap_err().to_string().contains("without MACMethod is not taken"));
    }

    /// The values of RFC 6030, figure 7.
    #[test]
    fn a_passphrase_opens_the_example_of_the_standard() {
        let parameters = "<Salt><Specified>Ej7/PEpyEpw=</Specified></Salt><IterationCount>1000</IterationCount><KeyLength>16</KeyLength>";
        let pbkdf2 = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2";
        let derived = format!(
            "<xenc11:DerivedKey><xenc11:KeyDerivationMethod Algorithm=\"{pbkdf2}\"><PBKDF2-params>{parameters}</PBKDF2-params>\
             </xenc11:KeyDerivationMethod></xenc11:DerivedKey>"
        );
        let sha1 = format!("{DSIG}hmac-sha1");
        let mac = mac_method(&sha1, "aes128-cbc", "2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx");
        let value = "oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f";
        let secret = encrypted("aes128-cbc", "", value, "LP6xMvjtypbfT9PdkJhBZ+D6O4w=");
        let head = format!("<EncryptionKey>{derived}</EncryptionKey>{mac}");
        let file = container(&head, &[package("987654321", "hotp", SIX, &secret, COUNTER)]);
        assert_eq!(one(&file, None), Err(Error::Secret(Needed::Passphrase)));
        assert_eq!(one(&file, Some("qwerty")).unwrap().seed.as_slice(), SEED);
        assert!(one(&file, Some("qwertz")).is_err());
        let slow = file.replace(">1000<", ">4000000000<");
        assert!(one(&slow, Some("qwerty")).unwrap_err().to_string().contains("IterationCount"));
    }

    /// Values made by another library (Python's cryptography), with padding of other bytes than its length.
    #[test]
    fn aes_256_with_hmac_sha256_and_random_padding_opens() {
        let sha256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
        let mac = "ZGVmZ2hpamtsbW5vcHFyc/uY1oKTSWNeDhJcQrPTg5k2TZBhQTyqe7+pqvOzKg99WpI/OS5DcxG9q1aY4MGWUA==";
        let head = format!(
            "<EncryptionKey><ds:KeyName>k</ds:KeyName></EncryptionKey>{}",
            mac_method(sha256, "aes256-cbc", mac)
        );
        let value = "ZGVmZ2hpamtsbW5vcHFyc2vqlQvJAP9w61X70cL5TFHbWij7jFidVpwr2bcHxnPb/hJ+C4W9whY+jiiu/ialiw==";
        let secret = encrypted("aes256-cbc", "", value, "tjvKJfTWALMR3U042MaN3yeIrnx8HeekiTfBMk9kWHc=");
        let file = container(&head, &[package("C", "hotp", SIX, &secret, COUNTER)]);
        let key = data_encoding::HEXLOWER.encode(&(0..32).collect::<Vec<u8>>());
        assert_eq!(one(&file, Some(&key)).unwrap().seed.as_slice(), b"12345678901234567890123456789012");
    }

    #[test]
    fn what_is_not_understood_refuses_the_whole_file_and_says_where() {
        let good = hotp("A");
        let bad = |old: &str, new: &str| container("", &[good.clone(), hotp("B").replacen(old, new, 1)]);
        let files = [
            (bad(":hotp", ":ocra"), 8, "only the algorithms"),
            (bad("DECIMAL", "HEXADECIMAL"), 8, "DECIMAL"),
            (bad("Length=\"6\"", "Length=\"10\""), 7, "6 to 8 digits"),
            (bad("Length=\"6\"", "Length=\"6\" CheckDigits=\"true\""), 8, "check digits"),
            (bad(SIX, &format!("<Suite>SM3</Suite>{SIX}")), 8, "only SHA-1"),
            (bad(COUNTER, ""), 9, "Counter is missing"),
            (bad(">0<", ">minus<"), 9, "no number"),
            (bad(PLAIN, ""), 9, "EncryptedValue is missing"),
            (bad("MTIz", "MT*z"), 9, "no base64"),
            (bad("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "MTIz"), 7, "3 bytes"),
            (bad("</Data>", "</Data><Policy><PINPolicy PINUsageMode=\"Append\"/></Policy>"), 9, "PINPolicy"),
            (bad("</Data>", "</Data><Policy><ExpiryDate>2026-12-31T00:00:00Z</ExpiryDate></Policy>"), 9, "any more"),
            (
                bad("</Data>", "</Data><Policy><StartDate>2037-12-31T00:00:00Z</StartDate></Policy>"),
                9,
                "not be used yet",
            ),
            (bad("</Data>", "</Data><Policy><KeyUsage>Encrypt</KeyUsage></Policy>"), 9, "KeyUsage"),
            (bad("<Key ", "<Kei "), 10, "no XML"),
            (bad(PLAIN, &encrypted("aes128-cbc", "", "AAAA", "AAAA")), 9, "no EncryptionKey"),
        ];
        for (file, line, what) in files {
            let told = read(file.as_bytes(), None, 1_800_000_000).unwrap_err().to_string();
            assert!(told.starts_with(&format!("line {line}: ")) && told.contains(what), "{file}\n{told}");
            assert!(!told.contains("NDU2Nzg5"), "{told}");
        }
        let allowed = "</Data><Policy><StartDate>2012-08-01T00:00:00Z</StartDate><KeyUsage>OTP</KeyUsage><PINPolicy PINUsageMode=\"Local\"/></Policy>";
        assert!(one(&bad("</Data>", allowed), None).is_ok());
        let twice = container("", &[hotp("A"), hotp("B"), hotp("A")]);
        let twice = read(twice.as_bytes(), None, 0).unwrap_err();
        assert_eq!(twice, Error::Twice { line: 11, first: 3, serial: "A".into() });
        for none in ["<KeyContainer/>", "<x", "", "\u{feff}<a xmlns='urn:ietf:params:xml:ns:keyprov:pskc'/>"] {
            assert!(read(none.as_bytes(), None, 0).is_err(), "{none}");
        }
        assert_eq!(read(container("", &[]).as_bytes(), None, 0), Err(Error::Whole("holds no token")));
    }

    #[test]
    fn no_entity_is_read_not_even_an_internal_one() {
        let file = container("", &[hotp("&e;")]);
        for entity in ["<!ENTITY e \"A\">", "<!ENTITY e SYSTEM \"file:///etc/hostname\">"] {
            let file = file.replacen("?>\n", &format!("?>\n<!DOCTYPE KeyContainer [{entity}]>\n"), 1);
            let told = read(file.as_bytes(), None, 0).unwrap_err().to_string();
            assert!(told.contains("document type"), "{told}");
        }
    }
}
