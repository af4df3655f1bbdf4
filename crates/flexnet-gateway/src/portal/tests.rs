//! The portal as a browser sees it: one router, real requests, no network.

use axum::{
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;

struct Browser {
    router: Router,
    cookie: String,
}

struct Page {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    bytes: Vec<u8>,
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        self.headers[header::LOCATION].to_str().unwrap()
    }

    fn token(&self) -> String {
        let text = self.text();
        text.split_once("name=\"marke\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
    }

    #[track_caller]
    fn says(&self, words: &str) {
        assert!(self.text().contains(words), "no `{words}` in\n{}", self.text());
    }
}

impl Browser {
    fn new() -> Self {
        Self { router: router(Portal::new(Users::example().unwrap()).unwrap()), cookie: String::new() }
    }

    async fn logged_in() -> Self {
        let mut browser = Self::new();
        let answer = browser.post("/anmelden", "benutzername=Muster&passwort=portal").await;
        assert_eq!(answer.location(), "/start");
        let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
        browser.cookie = set.split(';').next().unwrap().to_owned();
        browser
    }

    async fn send(&self, request: Request<Body>) -> Page {
        let answer: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        Page { status: parts.status, headers: parts.headers, bytes: body.collect().await.unwrap().to_bytes().to_vec() }
    }

    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(path).header("host", "portal.snk.example").header("cookie", &self.cookie)
    }

    async fn get(&self, path: &str) -> Page {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, form: &str) -> Page {
        let request = self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.header("origin", "http://portal.snk.example").body(form.to_owned().into()).unwrap()).await
    }

    async fn upload(&self, token: &str, name: &str, file: &str) -> Page {
        let part =
            |name: &str, text: &str| format!("--grenze\r\nContent-Disposition: form-data; {name}\r\n\r\n{text}\r\n");
        let body = part("name=\"marke\"", token)
            + &part("name=\"quartal\"", "32026")
            + &part(&format!("name=\"datei\"; filename=\"{name}\""), file)
            + "--grenze--\r\n";
        let request =
            self.request("POST", "/abrechnung/test").header("content-type", "multipart/form-data; boundary=grenze");
        self.send(request.body(body.into()).unwrap()).await
    }
}

#[tokio::test]
async fn the_first_page_is_the_login_in_german_and_loads_nothing_from_elsewhere() {
    let page = Browser::new().get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    page.says("<title>Anmeldung – Mitgliederportal</title>");
    page.says("<html lang=\"de\">");
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{policy}");
    assert!(!page.text().contains("<script") && !page.text().contains("style=") && !page.text().contains("://"));
    let style = Browser::new().get("/portal.css").await;
    assert_eq!(style.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_get_the_same_answer() {
    let browser = Browser::new();
    let name = browser.post("/anmelden", "benutzername=muster&passwort=falsch").await;
    let password = browser.post("/anmelden", "benutzername=nobody&passwort=portal").await;
    assert_eq!((name.status, password.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert_eq!(name.text().replace("muster", "nobody"), password.text());
    assert!(name.headers.get(header::SET_COOKIE).is_none());
    name.says("stimmt nicht");
}

#[tokio::test]
async fn what_was_typed_comes_back_escaped() {
    let page = Browser::new().post("/anmelden", "benutzername=%22%3E%3Cb%3E&passwort=x").await;
    page.says("value=\"&quot;&gt;&lt;b&gt;\"");
    let page = Browser::logged_in().await.get("/verzeichnis?suche=%3Cscript%3E").await;
    page.says("value=\"&lt;script&gt;\"");
    assert!(!page.text().contains("<script"));
}

#[tokio::test]
async fn without_a_login_every_page_leads_to_the_login() {
    let browser = Browser::new();
    for path in [
        "/start",
        "/abrechnung",
        "/abrechnung/protokoll/1",
        "/honorar",
        "/honorar/archiv",
        "/honorar/bescheid/12026.pdf",
        "/verzeichnis",
        "/notfalldienst",
        "/dienste",
        "/dienste/kv-uebergreifend",
        "/dienste/kv-uebergreifend/fortbildung",
    ] {
        assert_eq!(browser.get(path).await.location(), "/", "{path}");
    }
    assert_eq!(browser.post("/notfalldienst/anbieten", "marke=x&dienst=1").await.location(), "/");
}

#[tokio::test]
async fn every_page_of_the_navigation_is_there_and_names_the_member() {
    let browser = Browser::logged_in().await;
    assert_eq!(browser.get("/").await.location(), "/start");
    for path in [
        "/start",
        "/abrechnung",
        "/honorar",
        "/honorar/archiv",
        "/verzeichnis",
        "/notfalldienst",
        "/dienste",
        "/dienste/kv-uebergreifend",
        "/dienste/kv-uebergreifend/fortbildung",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        page.says("Dr. med. Martina Muster");
        assert_eq!(page.text().matches("aria-current=\"page\"").count(), 1, "{path}");
        assert_eq!(page.text().matches("<h1>").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn logging_out_ends_the_login_for_good() {
    let browser = Browser::logged_in().await;
    let token = browser.get("/start").await.token();
    assert_eq!(browser.post("/abmelden", "marke=falsch").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/start").await.status, StatusCode::OK);
    assert_eq!(browser.post("/abmelden", &format!("marke={token}")).await.location(), "/");
    assert_eq!(browser.get("/start").await.location(), "/", "the old cookie opens nothing");
}

#[tokio::test]
async fn a_test_submission_is_answered_with_a_protocol_and_only_a_clean_one_is_handed_in() {
    let browser = Browser::logged_in().await;
    let token = browser.get("/abrechnung").await.token();
    let answer = browser.upload(&token, "C:\\Praxis\\Z01.con", "0138000con0\r\n").await;
    let protocol = browser.get(answer.location()).await;
    protocol.says("Z01.con");
    protocol.says("Der letzte Satz ist nicht con9");
    let handed = browser.post("/abrechnung/protokoll/1/einreichen", &format!("marke={token}")).await;
    assert_eq!(handed.status, StatusCode::CONFLICT);

    let answer = browser.upload(&token, "Z01.con", &billing::example_file("32026")).await;
    assert_eq!(answer.location(), "/abrechnung/protokoll/2");
    browser.get("/abrechnung/protokoll/2").await.says("Es wurden keine Fehler gefunden.");
    let handed = browser.post("/abrechnung/protokoll/2/einreichen", &format!("marke={token}")).await;
    browser.get(handed.location()).await.says("Die Abrechnung ist eingereicht.");
    browser.get("/abrechnung").await.says("eingereicht");
    assert_eq!(browser.get("/abrechnung/protokoll/3").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_upload_without_the_forms_token_or_too_large_or_cut_off_is_refused() {
    let browser = Browser::logged_in().await;
    let token = browser.get("/abrechnung").await.token();
    assert_eq!(browser.upload("geraten", "a.con", "x").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.upload(&token, "a.con", "").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.upload(&token, "a.con", &"x".repeat(MAX_REQUEST)).await.status, StatusCode::BAD_REQUEST);
    let request =
        browser.request("POST", "/abrechnung/test").header("content-type", "multipart/form-data; boundary=grenze");
    let cut = browser.send(request.body("--grenze\r\nContent-Disp".into()).unwrap()).await;
    assert_eq!(cut.status, StatusCode::BAD_REQUEST);
    browser.get("/abrechnung").await.says("Noch keine");
}

#[tokio::test]
async fn forms_from_other_sites_change_nothing() {
    let browser = Browser::logged_in().await;
    let token = browser.get("/notfalldienst").await.token();
    let request = browser
        .request("POST", "/notfalldienst/anbieten")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", "http://evil.example");
    let answer = browser.send(request.body(format!("marke={token}&dienst=1").into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post("/notfalldienst/anbieten", "marke=geraten&dienst=1").await.status, StatusCode::FORBIDDEN);
    let answer = browser.post("/notfalldienst/anbieten", &format!("marke={token}&dienst=1")).await;
    browser.get(answer.location()).await.says("steht in der Tauschbörse");
}

#[tokio::test]
async fn a_statement_is_a_pdf_to_download_and_other_names_are_not_found() {
    let browser = Browser::logged_in().await;
    let page = browser.get("/honorar").await.text();
    let path =
        page.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|path| path.ends_with(".pdf")).unwrap();
    let file = browser.get(path).await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/pdf");
    assert!(
        file.headers[header::CONTENT_DISPOSITION]
            .to_str()
            .unwrap()
            .starts_with("attachment; filename=\"Honorarbescheid-20")
    );
    assert!(file.bytes.starts_with(b"%PDF-1.4") && file.bytes.ends_with(b"%%EOF\n"));
    for path in [
        "/honorar/bescheid/12999.pdf",
        "/honorar/bescheid/..%2f..%2fetc%2fpasswd",
        "/honorar/bescheid/x.pdf",
        "/honorar/../etc/passwd",
        "/gibt-es-nicht",
    ] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_directory_finds_and_checks_a_lanr() {
    let browser = Browser::logged_in().await;
    browser.get("/verzeichnis?suche=beispiel").await.says("Dr. med. Jürgen Beispiel");
    browser.get("/verzeichnis?suche=123456601").await.says("Prüfziffer richtig");
    browser.get("/verzeichnis?suche=123456701").await.says("Prüfziffer falsch");
    browser.get("/verzeichnis?suche=nirgendwo").await.says("Kein Treffer");
}

#[tokio::test]
async fn a_course_is_booked_and_the_booking_taken_back() {
    let browser = Browser::logged_in().await;
    const PATH: &str = "/dienste/kv-uebergreifend/fortbildung";
    let form = format!("marke={}&veranstaltung=2", browser.get(PATH).await.token());
    let booked = browser.post(PATH, &form).await;
    browser.get(booked.location()).await.says("3 weitere gebucht");
    browser.post(PATH, &form).await;
    assert!(!browser.get(PATH).await.text().contains("weitere gebucht"));
}

#[tokio::test]
async fn a_method_that_a_page_does_not_have_is_told_with_a_page() {
    let page = Browser::new().post("/start", "").await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    page.says("Das geht so nicht");
}
