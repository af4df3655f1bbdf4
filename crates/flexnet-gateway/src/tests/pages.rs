//! The pages over real HTTPS, as a browser without any script would use them: cookies, forms, links.

use std::collections::BTreeMap;

use super::*;

/// A browser that runs no script.
struct Browser<'a> {
    stage: &'a Stage,
    cookies: BTreeMap<String, String>,
    /// Headers beside those of every request.
    headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
struct Seen {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl<'a> Browser<'a> {
    fn new(stage: &'a Stage) -> Self {
        let headers = vec![("sec-fetch-site", "same-origin".to_owned()), ("accept-language", "de".to_owned())];
        Self { stage, cookies: BTreeMap::new(), headers }
    }

    async fn get(&mut self, path: &str) -> Seen {
        self.send("GET", path, "").await
    }

    async fn post(&mut self, path: &str, form: &str) -> Seen {
        self.send("POST", path, form).await
    }

    /// Sends a form and goes where the answer leads.
    async fn submit(&mut self, path: &str, form: &str) -> Seen {
        let answer = self.post(path, form).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        self.get(answer.headers["location"].to_str().unwrap()).await
    }

    async fn send(&mut self, method: &str, path: &str, form: &str) -> Seen {
        let mut client = self.stage.connect().await;
        let mut request = request(method, path, None);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request.header("cookie", cookies.join("; "));
        request = request.header("content-type", "application/x-www-form-urlencoded");
        client.0.ready().await.unwrap();
        let response = client.0.send_request(request.body(Full::from(form.to_owned())).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        for set in parts.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            assert!(
                set.starts_with("__Host-") && set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"),
                "{set}"
            );
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if set.contains("Max-Age=0;") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        Seen { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// An entry into a fresh form.
    async fn entry(&mut self, username: &str, password: &str, tan: &str) -> String {
        let form = self.get("/").await;
        assert_eq!(form.status, 200, "{form:?}");
        format!("attempt={}&username={username}&password={password}&tan={tan}", form.attempt())
    }

    /// Signs in rightly and comes to the page of the hand-off; its ticket.
    async fn enter(&mut self, member: &mut Member) -> Secret {
        let tan = member.press();
        let entry = self.entry(&member.username, PASSWORD, &tan).await;
        let page = self.submit("/anmelden", &entry).await;
        Secret::new(page.between("kv-flexnet://connect?ticket=", "\""))
    }
}

impl Seen {
    fn between(&self, from: &str, to: &str) -> String {
        let (_, rest) = self.text.split_once(from).unwrap_or_else(|| panic!("no {from} in {}", self.text));
        rest.split_once(to).unwrap().0.to_owned()
    }

    fn attempt(&self) -> String {
        self.between("name=\"attempt\" value=\"", "\"")
    }

    fn title(&self) -> String {
        self.between("<title>", "</title>").trim_end_matches(" – KV-FlexNet").to_owned()
    }
}

async fn redeem(stage: &Stage, ticket: &Secret, key: u8) -> Answer {
    let body = json!({
        "ticket": ticket.expose(),
        "client_public_key": BASE64.encode(&[key; 32]),
        "client": { "version": flexnet_protocol::VERSION, "os": "linux" },
    });
    stage.connect().await.call("POST", "/v1/sessions/redeem", None, &body.to_string()).await
}

#[tokio::test]
async fn every_page_has_its_fences_and_its_language() {
    let stage = Stage::new().await;
    let mut browser = Browser::new(&stage);
    for path in ["/", "/herunterladen", "/hilfe", "/nichts", "/flexnet.css", "/flexnet.js", "/flexnet.svg"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, if path == "/nichts" { 404 } else { 200 }, "{path}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert!(page.headers["strict-transport-security"].to_str().unwrap().starts_with("max-age="));
        if !path.starts_with("/flexnet") {
            assert_eq!(page.headers["cache-control"], "no-store", "{path}");
            assert!(page.text.contains("<html lang=\"de\">"), "{path}");
            assert!(
                !page.text.contains("style=") && !page.text.contains("onclick") && !page.text.contains("page-"),
                "{path}"
            );
        }
    }
    let switched = browser.get("/hilfe?lang=en").await;
    assert_eq!((switched.status, &switched.headers["location"]), (303, &"/hilfe".parse().unwrap()));
    assert!(browser.get("/hilfe").await.text.contains("<html lang=\"en\">"));
    let elsewhere = browser.get("//evil.example/?lang=de").await;
    assert_eq!(elsewhere.headers["location"], "/evil.example/", "never to another host");
    let api = stage.connect().await.call("POST", "/v1/nothing", None, "").await;
    assert_eq!((api.status, api.fault()), (404, FaultCode::BadRequest));
}

#[tokio::test]
async fn a_wrong_entry_counts_once_however_often_it_is_sent_or_looked_at() {
    let stage = Stage::new().await;
    let member = stage.member("m.muster").await;
    let mut browser = Browser::new(&stage);
    let entry = browser.entry("m.muster", "falsch", &member.wrong()).await;
    let page = browser.submit("/anmelden", &entry).await;
    assert_eq!((page.status, page.title().as_str()), (200, "Fehler: Anmelden"));
    assert!(page.text.contains("Noch 4 Versuche") && page.text.contains("value=\"m.muster\""), "{}", page.text);
    assert!(!page.text.contains("falsch\""), "the password came back");
    browser.submit("/anmelden", &entry).await;
    browser.get("/anmelden").await;
    browser.get("/anmelden").await;
    assert_eq!(stage.attempts_left("m.muster").await, 4);
    // Another entry with the old form's id is none.
    let changed = browser.post("/anmelden", &entry.replace("falsch", "anders")).await;
    assert_eq!(changed.status, 422);
    assert!(changed.text.contains("Kein Versuch verbraucht"));
    assert_eq!(stage.attempts_left("m.muster").await, 4);
}

#[tokio::test]
async fn invented_names_are_told_the_same_up_to_the_lock() {
    let stage = Stage::new().await;
    let member = stage.member("m.muster").await;
    let tan = member.wrong();
    let (mut real, mut invented) = (Browser::new(&stage), Browser::new(&stage));
    for round in 1..=6 {
        let mut pages = Vec::new();
        for (browser, name) in [(&mut real, "m.muster"), (&mut invented, "nobody.x")] {
            let entry = browser.entry(name, "falsch", &tan).await;
            let page = browser.submit("/anmelden", &entry).await;
            let attempt = if page.text.contains("name=\"attempt\"") { page.attempt() } else { String::new() };
            pages.push(page.text.replace(name, "NAME").replace(&format!("value=\"{attempt}\""), ""));
        }
        assert_eq!(pages[0], pages[1], "round {round}");
        let [page, _] = pages.try_into().unwrap();
        match round {
            1..=3 => assert!(page.contains(&format!("Noch {} Versuche", 5 - round)), "{page}"),
            4 => assert!(page.contains("Bitte kurz anhalten") && !page.contains("<form"), "{page}"),
            _ => {
                assert!(page.contains("Ihr Zugang ist gesperrt") && page.contains("KVF-700-3"), "{page}");
                assert!(page.contains("tel:+4923194329900") && page.contains("Mo–Do 8–17"), "{page}");
                assert!(!page.contains("<form") && !page.contains("class=\"btn"), "a button to try again");
            }
        }
    }
    let answer = stage.sign_in("m.muster", PASSWORD, &tan).await;
    assert_eq!(answer.fault(), FaultCode::Locked, "one guard for page and application");
}

#[tokio::test]
async fn what_is_no_entry_is_not_counted() {
    let stage = Stage::new().await;
    stage.member("m.muster").await;
    let mut browser = Browser::new(&stage);
    let entry = browser.entry("m.muster", "", "12345").await;
    let page = browser.post("/anmelden", &entry).await;
    assert_eq!((page.status, page.title().as_str()), (422, "Fehler: Anmelden"));
    assert!(page.text.contains("href=\"#password\"") && page.text.contains("href=\"#tan\""), "{}", page.text);
    assert!(page.text.contains("Es fehlt noch 1") && !page.text.contains("href=\"#username\""));

    let entry = browser.entry("m.muster", "falsch", "123456").await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "none"), ("x-nothing", "")] {
        browser.headers[0] = (name, value.to_owned());
        let refused = browser.post("/anmelden", &entry).await;
        assert_eq!((refused.status, refused.title().as_str()), (403, "Das kam nicht von dieser Seite"), "{value}");
    }
    browser.headers[0] = ("sec-fetch-site", "same-origin".into());
    assert_eq!(browser.post("/anmelden", &format!("{entry}&x={}", "x".repeat(9_000))).await.status, 413);
    assert_eq!(browser.post("/anmelden", "username=m.muster").await.status, 400);
    assert_eq!(stage.attempts_left("m.muster").await, 5);
}

#[tokio::test]
async fn a_sign_in_goes_on_in_the_application_when_the_member_confirms_the_digits() {
    let stage = Stage::new().await;
    let mut member = stage.member("m.muster").await;
    let mut browser = Browser::new(&stage);
    let ticket = browser.enter(&mut member).await;
    assert_eq!(browser.get("/verbinden/stand").await.text, "waiting");
    assert!(
        browser.get("/verbinden").await.text.contains("http-equiv=\"refresh\""),
        "without a script it looks by itself"
    );

    let handoff = redeem(&stage, &ticket, 9).await;
    assert_eq!(handoff.status, 202, "{handoff:?}");
    let digits = handoff.body["digits"].as_str().unwrap().to_owned();
    assert_eq!(browser.get("/verbinden/stand").await.text, "redeemed");
    let page = browser.get("/verbinden").await;
    assert_eq!(page.title(), format!("Zeigt KV-FlexNet die {digits}?"));
    assert!(page.text.contains("ob Sie Dr. Martina Muster sind"), "{}", page.text);
    assert!(!page.text.contains(ticket.expose()), "the ticket is not needed any more");

    browser.headers[0] = ("sec-fetch-site", "cross-site".into());
    assert_eq!(browser.post("/verbinden/ja", "").await.status, 403);
    browser.headers[0] = ("sec-fetch-site", "same-origin".into());
    let page = browser.submit("/verbinden/ja", "").await;
    assert_eq!(page.title(), "Bestätigt");
    redeem(&stage, &ticket, 9).await.grant();
    assert_eq!(browser.submit("/verbinden/ja", "").await.title(), "Bestätigt", "twice is once");
    assert_eq!(stage.audited("session_started").await.len(), 1);
}

#[tokio::test]
async fn a_no_of_the_member_and_too_late_a_yes_open_nothing() {
    let stage = Stage::new().await;
    let mut member = stage.member("m.muster").await;
    let mut browser = Browser::new(&stage);
    let ticket = browser.enter(&mut member).await;
    assert_eq!(redeem(&stage, &ticket, 9).await.status, 202);
    let page = browser.submit("/verbinden/nein", "").await;
    assert_eq!(page.title(), "Nicht verbunden");
    assert!(page.text.contains("tel:+4923194329900"));
    assert_eq!(redeem(&stage, &ticket, 9).await.status, 403);

    let ticket = browser.enter(&mut member).await;
    stage.gateway.clock.shift(61);
    assert_eq!(browser.get("/verbinden").await.title(), "Die Zeit ist abgelaufen");
    assert_eq!(browser.get("/verbinden/stand").await.text, "expired");
    assert_eq!(redeem(&stage, &ticket, 9).await.status, 410);

    let mut stranger = Browser::new(&stage);
    assert_eq!(stranger.get("/verbinden").await.headers["location"], "/");
    stranger.cookies.insert("__Host-flexnet-hand-off".into(), "AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA".into());
    assert_eq!(stranger.get("/verbinden").await.title(), "Die Zeit ist abgelaufen");
    assert!(stage.audited("session_started").await.is_empty());
}

#[tokio::test]
async fn during_maintenance_there_is_no_form() {
    let stage = Stage::with(|config| config.maintenance.on = true).await;
    stage.member("m.muster").await;
    let mut browser = Browser::new(&stage);
    let page = browser.get("/").await;
    assert!(page.status == 503 && page.text.contains("KVF-501") && !page.text.contains("<form"), "{page:?}");
    assert_eq!(
        browser.post("/anmelden", "attempt=AAAAAAAAAAAAAAAAAAAAAA&username=m&password=p&tan=123456").await.status,
        503
    );
    assert_eq!(stage.attempts_left("m").await, 5);
}

#[tokio::test]
async fn the_package_for_the_visitors_pc_comes_first_and_is_what_its_sum_says() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("kv-flexnet_0.1.0_amd64.deb"), vec![b'x'; 200_000]).unwrap();
    std::fs::write(dir.path().join("KV-FlexNet-Setup-0.1.0.exe"), "abc").unwrap();
    let folder = dir.path().to_owned();
    let stage = Stage::with(|config| config.pages.downloads = Some(folder)).await;
    let mut browser = Browser::new(&stage);
    browser.headers.push(("user-agent", String::new()));
    for (agent, title, own, other) in [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
            "Passt zu diesem PC: Windows",
            "KV-FlexNet-Setup",
            "kv-flexnet_0",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Passt zu diesem PC: Linux", "kv-flexnet_0", "KV-FlexNet-Setup"),
    ] {
        browser.headers[2].1 = agent.into();
        let page = browser.get("/herunterladen").await;
        assert!(page.text.contains(title), "{}", page.text);
        assert!(page.text.find(own).unwrap() < page.text.find(other).unwrap(), "{agent}");
        // SHA-256 of `abc` (FIPS 180-2, B.1).
        assert!(page.text.contains("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }
    browser.headers[2].1 = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)".into();
    assert!(browser.get("/herunterladen").await.text.contains("Für macOS liegt hier zurzeit nichts bereit"));
    browser.headers[2].1 = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Mobile".into();
    assert!(browser.get("/herunterladen").await.text.contains("Auf Telefon und Tablet läuft KV\u{2011}FlexNet nicht"));

    let file = browser.get("/herunterladen/kv-flexnet_0.1.0_amd64.deb").await;
    assert_eq!((file.status, file.text.len()), (200, 200_000));
    assert_eq!(file.headers["content-length"], "200000");
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"kv-flexnet_0.1.0_amd64.deb\"");
    assert_eq!(file.headers["content-type"], "application/octet-stream");
    for path in ["..%2Fgateway.toml", "%2Fetc%2Fpasswd", "..", "server-key.pem", "%00", "%ff"] {
        let answer = browser.get(&format!("/herunterladen/{path}")).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_download_may_take_longer_than_a_connection_lives() {
    const SIZE: usize = 40_000_000;
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("KV-FlexNet-Setup-0.1.0.exe"), vec![7; SIZE]).unwrap();
    let folder = dir.path().to_owned();
    let stage = Stage::with(|config| {
        config.pages.downloads = Some(folder);
        config.limits.connection_seconds = 1;
    })
    .await;
    let mut client = stage.connect().await;
    let request = request("GET", "/herunterladen/KV-FlexNet-Setup-0.1.0.exe", None);
    let mut body = client.0.send_request(request.body(Full::default()).unwrap()).await.unwrap().into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap().len();
    // Past the end of the connection's time and its grace: a slow line.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let rest = body.collect().await.unwrap().to_bytes().len();
    assert_eq!(first + rest, SIZE);
}
