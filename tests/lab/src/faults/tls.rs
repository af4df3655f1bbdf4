//! Area 4: TLS. The real gateway with certificates of its own authority that are wrong in one way each, and boxes in front of it.

use anyhow::{Result, ensure};

use super::{Fault, Scene, pc::FAKETIME, way::middlebox};
use crate::{parts::GATEWAY_DIR, world::Host};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "intercepted",
        words: "Ein Virenschutz beendet TLS, seine Stelle steht im Speicher des Systems",
        code: "KVF-411-8",
        inject: |scene| {
            let authority = shield(scene)?;
            // As its setup would.
            scene.on(
                Host::Client,
                &format!(
                    "cat {authority} >>/etc/ssl/certs/ca-certificates.crt; cp {authority} /etc/ssl/certs/shield.pem"
                ),
            )?;
            intercept(scene)
        },
    },
    Fault {
        name: "box_with_own_certificate",
        words: "Ein Router antwortet auf 443 mit selbst unterschriebenem Zertifikat (fritz.box)",
        code: "KVF-411-8",
        inject: |scene| {
            let line = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=fritz.box \
                        -addext subjectAltName=DNS:fritz.box -keyout /run/lab/mitm-key.pem -out /run/lab/mitm.pem";
            scene.on(Host::Router, line)?;
            intercept(scene)
        },
    },
    Fault {
        name: "certificate_expired",
        words: "Zertifikat des Gateways seit 35 Tagen abgelaufen",
        code: "KVF-412-6",
        inject: |scene| certificate(scene, "ca", "-400d", 365, "flexnet.example"),
    },
    Fault {
        name: "certificate_not_yet_valid",
        words: "Zertifikat des Gateways gilt erst in 30 Tagen",
        code: "KVF-413-9",
        inject: |scene| certificate(scene, "ca", "+30d", 365, "flexnet.example"),
    },
    Fault {
        name: "certificate_of_another_name",
        words: "Zertifikat des Gateways auf einen anderen Namen",
        code: "KVF-414-7",
        inject: |scene| certificate(scene, "ca", "+0", 365, "anders.example"),
    },
    Fault {
        name: "certificate_of_another_authority",
        words: "Zertifikat des Gateways von einer fremden Stelle",
        code: "KVF-415-2",
        inject: |scene| {
            authority(scene, "other", "Andere Stelle")?;
            certificate(scene, "other", "+0", 365, "flexnet.example")
        },
    },
    Fault {
        name: "intercepted_untrusted",
        words: "Ein Gerät beendet TLS, seine Stelle kennt der PC nicht",
        code: "KVF-415-2",
        inject: |scene| {
            shield(scene)?;
            intercept(scene)
        },
    },
    Fault {
        name: "tls_alert",
        words: "Ein Gerät antwortet auf jeden ClientHello mit einem Alert (40)",
        code: "KVF-416-0",
        inject: |scene| middlebox(scene, "alert"),
    },
    Fault {
        name: "no_tls",
        words: "Ein Gerät antwortet auf 443 mit einer Sperrseite ohne TLS",
        code: "KVF-417-1",
        inject: |scene| middlebox(scene, "http"),
    },
    Fault {
        name: "hello_swallowed",
        words: "Ein Gerät verschluckt jeden ClientHello",
        code: "KVF-418-3",
        inject: |scene| middlebox(scene, "drop:10"),
    },
    Fault {
        name: "certificate_ends_soon",
        words: "Zertifikat des Gateways läuft in 3 Tagen ab",
        code: "KVF-419-4",
        inject: |scene| certificate(scene, "ca", "+0", 3, "flexnet.example"),
    },
];

/// The gateway starts again with a certificate that was made at that time, for so many days and this name.
fn certificate(scene: &mut Scene, authority: &str, when: &str, days: u32, name: &str) -> Result<()> {
    scene.gateway_again(&sign(authority, when, days, name, "server"))
}

/// An authority beside the gateway's own.
fn authority(scene: &Scene, file: &str, name: &str) -> Result<()> {
    scene.on(
        Host::Gateway,
        &format!(
            "cd {GATEWAY_DIR}; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
             -subj '/CN={name}' -keyout {file}-key.pem -out {file}.pem"
        ),
    )
}

fn sign(authority: &str, when: &str, days: u32, name: &str, file: &str) -> String {
    format!(
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} -keyout {file}-key.pem -out request.pem; \
         printf 'subjectAltName=DNS:{name}\\nbasicConstraints=CA:FALSE\\nextendedKeyUsage=serverAuth\\n' >extensions; \
         env LD_PRELOAD={FAKETIME} FAKETIME={when} openssl x509 -req -in request.pem -CA {authority}.pem -CAkey {authority}-key.pem -set_serial 77 \
         -days {days} -extfile extensions -out {file}.pem"
    )
}

/// The authority of a shield for the web, and a certificate of it for the gateway; the authority's file.
fn shield(scene: &Scene) -> Result<String> {
    authority(scene, "shield", "Beispiel Web Shield CA")?;
    let leaf = sign("shield", "+0", 365, "flexnet.example", "/run/lab/mitm");
    scene.on(Host::Gateway, &format!("cd {GATEWAY_DIR}; {leaf}"))?;
    Ok(format!("{GATEWAY_DIR}/shield.pem"))
}

fn intercept(scene: &mut Scene) -> Result<()> {
    let authority = format!("{GATEWAY_DIR}/ca.pem");
    let mut line = vec!["intercept", "--listen", "[::]:8443", "--certificate", "/run/lab/mitm.pem"];
    line.extend(["--key", "/run/lab/mitm-key.pem", "--authority", &authority]);
    scene.stand_in(Host::Router, &line)?;
    scene.divert("tcp dport 443", 8443)?;
    let seen = "openssl s_client -connect 203.0.113.10:443 -servername flexnet.example </dev/null 2>/dev/null";
    let shown = scene.world.quietly(Host::Client, &["sh", "-c", seen], "")?.stdout;
    ensure!(shown.contains("Web Shield") || shown.contains("fritz.box"), "nobody is in between:\n{shown}");
    Ok(())
}
