//! A sign-in in the browser that goes on in the application, and what a member does about the token from a running session. Picture: ../src/world.rs.
//! The browser is curl with a jar for cookies, on the member's PC, trusting the profile's authority alone.

use std::{fs, thread};

use anyhow::{Context as _, Result, bail, ensure};
use flexnet_lab::{
    Host, Member, World,
    command::Finished,
    eventually, in_world,
    parts::{PATIENCE, PROFILE},
    traces::Traces,
    world::{LAB, PORTAL},
};
use flexnet_protocol::{FaultCode, gateway::EndReason, profile::Profile, snapshot::State};

/// The gateway's pages.
struct Browser<'a> {
    world: &'a World,
    profile: Profile,
    jar: String,
    ca: String,
}

impl<'a> Browser<'a> {
    fn open(world: &'a World) -> Result<Self> {
        let profile = Profile::parse(&fs::read_to_string(PROFILE)?)?;
        let (jar, ca) = (format!("{LAB}/browser.jar"), format!("{LAB}/browser-ca.pem"));
        fs::write(&ca, &profile.gateway_ca)?;
        Ok(Self { world, profile, jar, ca })
    }

    fn fetch(&self, path: &str, form: Option<&str>) -> Result<String> {
        let name = &self.profile.gateway_name;
        let end = self.profile.gateway_endpoints.first().context("an endpoint")?;
        let (to, url) = (format!("{name}:443:{end}"), format!("https://{name}{path}"));
        let mut line = vec!["curl", "-sS", "-L", "--max-time", "20", "--cacert", &self.ca];
        line.extend(["-b", &self.jar, "-c", &self.jar]);
        line.extend(["--connect-to", &to, "-H", "Sec-Fetch-Site: same-origin"]);
        if form.is_some() {
            line.extend(["--data", "@-"]);
        }
        line.push(&url);
        self.world.on_with(Host::Client, &line, form.unwrap_or_default())?.expect_ok("a page")
    }

    /// Signs in, and gives the link that the page shows.
    fn sign_in(&self, member: &mut Member) -> Result<String> {
        let form = self.fetch("/", None)?;
        let attempt = between(&form, "name=\"attempt\" value=\"", "\"").context("no form")?;
        let tan = member.press()?;
        let body =
            format!("attempt={attempt}&username={}&password={}&tan={tan}", member.username, escaped(&member.password));
        let page = self.fetch("/anmelden", Some(&body))?;
        let ticket =
            between(&page, "kv-flexnet://connect?ticket=", "\"").with_context(|| format!("no link: {page}"))?;
        Ok(format!("kv-flexnet://connect?ticket={ticket}"))
    }
}

fn between<'t>(text: &'t str, before: &str, behind: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split_once(behind).map(|(what, _)| what)
}

/// For a form.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Says on the command line that it is this member's, waits for the digits, lets `then` happen, and gives what it came to.
fn handed_over(world: &World, member: &Member, link: &str, then: impl FnOnce(&str) -> Result<()>) -> Result<Finished> {
    thread::scope(|scope| {
        let lines = format!("{link}\n{}\n", member.display_name);
        let connecting = scope.spawn(move || world.cli(&["connect", "--from-browser", "--json"], &lines));
        let digits = eventually("two digits", PATIENCE, || {
            let state = world.snapshot()?.state;
            let State::Confirming { digits: Some(digits), .. } = state else { bail!("the state is {state:?}") };
            Ok(digits)
        })?;
        then(&digits)?;
        connecting.join().map_err(|_| anyhow::anyhow!("the command line fell"))?
    })
}

fn ended(world: &World) -> Result<EndReason> {
    world.wait_for_state("signed_out")?;
    let state = world.snapshot()?.state;
    let State::SignedOut { ended: Some(ended), .. } = state else { bail!("no end is told: {state:?}") };
    Ok(ended.reason)
}

#[test]
fn a_sign_in_in_the_browser_goes_on_once_both_show_the_same_digits() -> Result<()> {
    in_world("a_sign_in_in_the_browser_goes_on_once_both_show_the_same_digits", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.browser", &["--kind", "hotp"])?;
        let browser = Browser::open(world)?;
        let link = browser.sign_in(&mut member)?;
        let connected = handed_over(world, &member, &link, |digits| {
            let page = browser.fetch("/verbinden", None)?;
            ensure!(page.contains(&format!(">{digits}<")), "the page shows other digits than {digits}: {page}");
            ensure!(!world.fetch(&format!("http://{PORTAL}/"))?.ok(), "something is open before the yes");
            browser.fetch("/verbinden/ja", Some("")).map(drop)
        })?;
        ensure!(connected.ok(), "{}{}", connected.stdout, connected.stderr);
        world.fetch(&format!("http://{PORTAL}/"))?.expect_ok("the portal")?;
        // A second link is refused while the session lives, and the session stays.
        let other = browser.sign_in(&mut member)?;
        let refused = world.cli(&["connect", "--from-browser", "--json"], &format!("{other}\n"))?;
        refused.expect_fault(FaultCode::AlreadySignedIn)?;
        world.wait_for_state("connected")?;
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        // Used up.
        let again = world.cli(&["connect", "--from-browser", "--json"], &format!("{link}\n"))?;
        again.expect_fault(FaultCode::HandoffOver)
    })
}

#[test]
fn a_no_in_the_browser_opens_nothing_and_is_told() -> Result<()> {
    in_world("a_no_in_the_browser_opens_nothing_and_is_told", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.nein", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let browser = Browser::open(world)?;
        let link = browser.sign_in(&mut member)?;
        let refused = handed_over(world, &member, &link, |_| browser.fetch("/verbinden/nein", Some("")).map(drop))?;
        refused.expect_fault(FaultCode::HandoffRefused)?;
        Traces::take(world)?.expect_same(&before)?;
        ensure!(!world.fetch(&format!("http://{PORTAL}/"))?.ok(), "the portal is open");
        world.sign_in(&mut member)
    })
}

#[test]
fn a_link_that_is_not_the_members_opens_nothing_and_is_void() -> Result<()> {
    in_world("a_link_that_is_not_the_members_opens_nothing_and_is_void", |world| {
        let _running = world.everything()?;
        let mut other = world.member_greeted("m.fremd", "Dr. Frieda Fremd", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let browser = Browser::open(world)?;
        let link = browser.sign_in(&mut other)?;
        // Who sits here is another than the link is for, and a yes in advance is none.
        let own = world.member("m.muster", &["--kind", "hotp"])?.display_name;
        ensure!(own != other.display_name, "{own}");
        let given_up = world.cli(&["connect", "--from-browser"], &format!("{link}\n{own}\nja\n"))?;
        ensure!(
            !given_up.ok() && given_up.stdout.contains(&other.display_name) && !given_up.stdout.contains(&own),
            "{}{}",
            given_up.stdout,
            given_up.stderr
        );
        world.wait_for_state("signed_out")?;
        // The other's own yes comes to nothing.
        eventually("the page's word that it was given up", PATIENCE, || {
            let state = browser.fetch("/verbinden/stand", None)?;
            ensure!(state.contains("refused"), "{state}");
            Ok(())
        })?;
        browser.fetch("/verbinden/ja", Some(""))?;
        let again = world.cli(&["connect", "--from-browser", "--json"], &format!("{link}\n{own}\n"))?;
        again.expect_fault(FaultCode::HandoffRefused)?;
        Traces::take(world)?.expect_same(&before)?;
        ensure!(!world.fetch(&format!("http://{PORTAL}/"))?.ok(), "the portal is open");
        Ok(())
    })
}

#[test]
fn a_lost_token_is_reported_from_the_session_and_opens_nothing_any_more() -> Result<()> {
    in_world("a_lost_token_is_reported_from_the_session_and_opens_nothing_any_more", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.verloren", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        world.sign_in(&mut member)?;
        world.cli(&["report-token-lost", "--yes"], "")?.expect_ok("report-token-lost")?;
        let reason = ended(world)?;
        ensure!(reason == EndReason::TokenLost, "{reason:?}");
        Traces::take(world)?.expect_same(&before)?;
        let tan = member.press()?;
        world.connect(&member.username, &member.password, &tan)?.expect_fault(FaultCode::Refused)
    })
}

#[test]
fn two_tans_bring_a_token_into_step_that_ran_ahead() -> Result<()> {
    in_world("two_tans_bring_a_token_into_step_that_ran_ahead", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.takt", &["--kind", "hotp"])?;
        world.sign_in(&mut member)?;
        let wrong = [member.wrong()?, member.wrong()?];
        let refused = world.cli(&["resync-token", "--stdin", "--json"], &format!("{}\n{}\n", wrong[0], wrong[1]))?;
        refused.expect_fault(FaultCode::TokenOutOfStep)?;
        // Somebody has played with its button: beyond the look-ahead of a sign-in.
        for _ in 0..40 {
            member.press()?;
        }
        let pair = [member.press()?, member.press()?];
        let done = world.cli(&["resync-token", "--stdin"], &format!("{}\n{}\n", pair[0], pair[1]))?;
        ensure!(done.ok(), "{}{}", done.stdout, done.stderr);
        world.cli(&["disconnect"], "")?.expect_ok("disconnect")?;
        world.sign_in(&mut member)
    })
}
