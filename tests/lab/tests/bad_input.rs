//! Whatever is thrown at the socket, the gateway, the disk and the profile: a fault with its code, within a bounded time, and everything lives on.
//! Picture: ../src/world.rs.
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::Shutdown,
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use flexnet_lab::{
    Host, World, eventually, in_world,
    parts::{GATEWAY_DIR, PATIENCE, PROFILE, SOCKET, STATE, change_profile},
    traces::Traces,
};
use flexnet_protocol::{FaultCode, VERSION, snapshot::State};

/// No answer may take longer, whatever is wrong.
const BOUND: Duration = Duration::from_secs(30);

#[test]
fn garbage_on_the_socket_gets_a_fault_and_harms_nobody() -> Result<()> {
    in_world("garbage_on_the_socket_gets_a_fault_and_harms_nobody", |world| {
        world.found()?;
        let mut service = world.service()?;
        let hello = format!(r#"{{"id":1,"request":{{"hello":{{"version":"{VERSION}"}}}}}}"#);
        let told = |text: &str| send(&frame(text)).map(|answer| String::from_utf8_lossy(&answer).into_owned());
        ensure!(told(&hello)?.contains(VERSION), "{}", told(&hello)?);
        let other = told(r#"{"id":1,"request":{"hello":{"version":"0.0.1"}}}"#)?;
        ensure!(other.contains(&FaultCode::VersionsDiffer.to_string()), "{other}");
        for text in ["", "{", "null", "[]", r#"{"id":1,"request":"reboot"}"#, r#"{"id":-1,"request":"watch"}"#, "\u{0}"]
        {
            let answer = told(text)?;
            ensure!(answer.contains(&FaultCode::BadRequest.to_string()), "{text:?}: {answer:?}");
        }
        // No Hello, no service.
        let rude = told(r#"{"id":1,"request":"watch"}"#)?;
        ensure!(!rude.contains("snapshot"), "{rude}");
        for bytes in [&[0xff; 4096][..], &[0xff, 0xff, 0xff, 0xff], &[0, 0, 0], &[0, 1, 0, 1], &[0, 0, 0, 9, b'{'], &[]]
        {
            send(bytes)?;
        }
        let mut deep = "[".repeat(60_000);
        deep.push_str(&"]".repeat(5_000));
        send(&frame(&deep))?;
        // Many that say nothing keep nobody out.
        let silent: Vec<_> = (0..200).filter_map(|_| UnixStream::connect(SOCKET).ok()).collect();
        expect_at_rest(world)?;
        drop(silent);
        expect_at_rest(world)?;
        ensure!(service.runs()?, "the service ended:\n{}", service.log());
        Ok(())
    })
}

#[test]
fn a_second_service_leaves_and_an_ordinary_user_is_refused() -> Result<()> {
    in_world("a_second_service_leaves_and_an_ordinary_user_is_refused", |world| {
        world.found()?;
        let absent = world.cli(&["status", "--json"], "")?;
        absent.expect_fault(FaultCode::ServiceDown)?;
        ensure!(absent.code == Some(5), "{:?}", absent.code);

        let mut first = world.service()?;
        let mut second = world.start_service(&[])?;
        let status = second.ended(BOUND)?;
        ensure!(!status.success(), "two services run");
        expect_at_rest(world)?;
        ensure!(first.runs()?, "the first one left");

        // Somebody of this PC whom nobody admitted; the program where that person can read it.
        let program = "/run/lab/bin/kv-flexnet";
        fs::copy(world.binary("kv-flexnet")?, program)?;
        let ids = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
        for words in [&["status", "--json"][..], &["connect", "--json"], &["repair", "--json"]] {
            let mut line = ids.to_vec();
            line.push(program);
            line.extend(words);
            let refused = world.on_with(Host::Client, &line, "m.muster\nfalsch\n123456\n")?;
            refused.expect_fault(FaultCode::NotPermitted)?;
            ensure!(refused.code == Some(5), "{words:?}: {:?}", refused.code);
        }
        // The group that the administrator made for it.
        fs::write("/etc/group", format!("{}kv-flexnet:x:64123:nobody\n", fs::read_to_string("/etc/group")?))?;
        first.stop()?;
        let _again = world.service()?;
        let mut line = vec!["setpriv", "--reuid", "65534", "--regid", "65534", "--groups", "64123"];
        line.extend([program, "status", "--json"]);
        world.on(Host::Client, &line)?.expect_ok("a member of the group").map(drop)
    })
}

#[test]
fn a_socket_that_somebody_else_holds_is_no_service() -> Result<()> {
    in_world("a_socket_that_somebody_else_holds_is_no_service", |world| {
        let listener = "use IO::Socket::UNIX; $s = IO::Socket::UNIX->new(Local => '/run/lab/open/impostor', Listen => 5) or die; \
                        $| = 1; print \"listening\\n\"; while ($c = $s->accept) { print <$c>; }";
        fs::create_dir("/run/lab/open")?;
        world.on(Host::Client, &["chmod", "777", "/run/lab/open"])?.expect_ok("chmod")?;
        let line = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "perl", "-e", listener];
        let impostor = world.start(Host::Client, "impostor", &line)?;
        eventually("the impostor", PATIENCE, || {
            ensure!(impostor.log().contains("listening"), "{}", impostor.log());
            Ok(())
        })?;
        let input = "m.muster\nGeheimnis\n123456\n";
        let answer = world.cli(&["--socket", "/run/lab/open/impostor", "connect", "--json"], input)?;
        answer.expect_fault(FaultCode::ServiceImpostor)?;
        ensure!(!impostor.log().contains("Geheimnis"), "the password was handed over");
        Ok(())
    })
}

#[test]
fn bad_requests_to_the_gateway_are_not_counted_and_harm_nobody() -> Result<()> {
    in_world("bad_requests_to_the_gateway_are_not_counted_and_harm_nobody", |world| {
        world.found()?;
        let mut gateway = world.gateway()?;
        let mut member = world.member("m.last", &["--kind", "hotp"])?;
        let key = "A".repeat(43) + "=";
        let whole = |username: &str, tan: &str| {
            format!(
                r#"{{"attempt_id":"AAAAAAAAAAAAAAAAAAAAAA","username":"{username}","password":"x","tan":"{tan}","client_public_key":"{key}","client":{{"version":"{VERSION}","os":"linux"}}}}"#
            )
        };
        let bodies = [
            "x".repeat(1 << 20),
            format!("{{\"username\":\"{}\"}}", "m".repeat(1 << 20)),
            "{".into(),
            "null".into(),
            "[[[[[[[[".repeat(500),
            r#"{"username":"m.last"}"#.into(),
            whole(&member.username, "12345"),
            whole(&member.username, "abcdef"),
            whole(&member.username, "123456789"),
            whole(&"m".repeat(5000), "123456"),
            whole("", "123456"),
        ];
        for body in &bodies {
            let answers = world.bodies(std::slice::from_ref(body), 1)?;
            for answer in answers {
                // Closing the connection on a megabyte that nobody asked for is as good as an answer.
                let refused = [400, 413, 422].contains(&answer.status) || (answer.status == 0 && body.len() > 1 << 19);
                ensure!(refused, "{} for {:.60}", answer.status, body);
            }
        }
        // Bytes that are no TLS, and many connections that say nothing.
        let garbage = "for i in $(seq 50); do head -c 2000 /dev/urandom >/dev/tcp/203.0.113.10/443; done 2>/dev/null; \
                       for i in $(seq 100); do exec {fd}<>/dev/tcp/203.0.113.10/443; done; echo open; read -t 1 <&$fd; true";
        let opened = world.on(Host::Router, &["timeout", "20", "bash", "-c", garbage])?;
        ensure!(opened.stdout.contains("open"), "{opened:?}");
        let tan = member.wrong()?;
        let problem = world.guess(&member.username, &member.password, &tan)?.problem()?;
        ensure!(problem.attempts_left == Some(4), "something of it was counted: {problem:?}");
        let tan = member.press()?;
        world.guess(&member.username, &member.password, &tan)?.grant()?;
        ensure!(gateway.runs()?, "the gateway ended");
        Ok(())
    })
}

#[test]
fn a_gateway_that_cannot_write_refuses_and_counts_nothing() -> Result<()> {
    in_world("a_gateway_that_cannot_write_refuses_and_counts_nothing", |world| {
        world.on(Host::Gateway, &["mkdir", "-p", GATEWAY_DIR])?.expect_ok("mkdir")?;
        world
            .on(Host::Gateway, &["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", GATEWAY_DIR])?
            .expect_ok("mount")?;
        let mut running = world.everything()?;
        let mut member = world.member("m.platte", &["--kind", "hotp"])?;
        fill(world, GATEWAY_DIR)?;
        let tan = member.press()?;
        let answer = within_bound(|| world.connect(&member.username, &member.password, &tan))?;
        answer.expect_fault(FaultCode::GatewayDatabase)?;
        ensure!(running.gateway.runs()?, "the gateway ended");
        fs::remove_file(format!("{GATEWAY_DIR}/filler"))?;
        world.sign_in(&mut member)?;
        let State::Connected { session } = world.snapshot()?.state else { anyhow::bail!("not connected") };
        ensure!(session.failures_before == 0, "it was counted");
        Ok(())
    })
}

#[test]
fn a_full_or_read_only_disk_stops_the_sign_in_before_it_costs_a_tan() -> Result<()> {
    in_world("a_full_or_read_only_disk_stops_the_sign_in_before_it_costs_a_tan", |world| {
        world.on(Host::Client, &["mkdir", "-p", STATE])?.expect_ok("mkdir")?;
        world.on(Host::Client, &["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", STATE])?.expect_ok("mount")?;
        let mut running = world.everything()?;
        let mut member = world.member("m.voll", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let tan = member.press()?;
        fill(world, STATE)?;
        let answer = within_bound(|| world.connect(&member.username, &member.password, &tan))?;
        answer.expect_fault(FaultCode::DiskFull)?;
        Traces::take(world)?.expect_same(&before)?;
        fs::remove_file(format!("{STATE}/filler"))?;

        world.on(Host::Client, &["mount", "-o", "remount,ro", STATE])?.expect_ok("read-only")?;
        let answer = within_bound(|| world.connect(&member.username, &member.password, &tan))?;
        answer.expect_fault(FaultCode::StateReadOnly)?;
        Traces::take(world)?.expect_same(&before)?;
        world.on(Host::Client, &["mount", "-o", "remount,rw", STATE])?.expect_ok("writable")?;

        // The same TAN: it was never sent.
        let answer = world.connect(&member.username, &member.password, &tan)?;
        ensure!(answer.ok(), "{}{}", answer.stdout, answer.stderr);
        ensure!(running.service.runs()?, "the service ended");
        Ok(())
    })
}

#[test]
fn a_broken_profile_is_told_and_mended_without_a_fuss() -> Result<()> {
    in_world("a_broken_profile_is_told_and_mended_without_a_fuss", |world| {
        world.found()?;
        let good = fs::read_to_string(PROFILE)?;
        let broken = [
            format!("{good}\n["),
            good.replace("[gateway]", "[gatewy]"),
            good.replace("10.210.0.0/24", "0.0.0.0/0"),
            good.replace("BEGIN CERTIFICATE", "BEGIN NOTHING"),
            String::new(),
        ];
        for text in &broken {
            ensure!(*text != good, "the profile has another shape:\n{good}");
            fs::write(PROFILE, text)?;
            let mut service = world.start_service(&[])?;
            expect_profile_broken(world)?;
            ensure!(service.runs()?, "the service ended:\n{}", service.log());
            service.stop()?;
        }
        fs::remove_file(PROFILE)?;
        let mut service = world.start_service(&[])?;
        expect_profile_broken(world)?;
        service.stop()?;
        fs::write(PROFILE, good)?;
        let _service = world.service()?;
        expect_at_rest(world)
    })
}

/// The gateway offers what the installed profile does not allow: nothing of it is taken.
#[test]
fn a_grant_outside_the_profile_changes_nothing() -> Result<()> {
    in_world("a_grant_outside_the_profile_changes_nothing", |world| {
        world.found()?;
        change_profile("10.210.0.0/24", "10.211.0.0/24")?;
        // A profile is whole only with its name services inside its networks.
        change_profile("10.210.0.53", "10.211.0.53")?;
        let (_gateway, _portal, _service) = (world.gateway()?, world.portal()?, world.service()?);
        let mut member = world.member("m.grenze", &["--kind", "hotp"])?;
        let before = Traces::take(world)?;
        let tan = member.press()?;
        let answer = within_bound(|| world.connect(&member.username, &member.password, &tan))?;
        answer.expect_fault(FaultCode::GrantOutsideProfile)?;
        Traces::take(world)?.expect_same(&before)
    })
}

fn expect_profile_broken(world: &World) -> Result<()> {
    eventually("a broken profile", PATIENCE, || {
        let status = world.cli_quietly(&["status", "--json"], "")?;
        status.expect_fault(FaultCode::ProfileBroken)
    })?;
    let refused = within_bound(|| world.connect("m.muster", "falsch", "123456"))?;
    refused.expect_fault(FaultCode::ProfileBroken)
}

/// The service answers everybody as before.
fn expect_at_rest(world: &World) -> Result<()> {
    let status = within_bound(|| world.cli(&["status", "--json"], ""))?;
    ensure!(status.ok() && status.stdout.contains("signed_out"), "{}{}", status.stdout, status.stderr);
    Ok(())
}

/// Writes until nothing more fits.
fn fill(world: &World, folder: &str) -> Result<()> {
    let line = format!("cat /dev/zero >{folder}/filler");
    let full = world.on(Host::Client, &["sh", "-c", &line])?;
    ensure!(full.stderr.contains("No space left"), "{}", full.stderr);
    Ok(())
}

fn within_bound<T>(act: impl FnOnce() -> Result<T>) -> Result<T> {
    let begun = Instant::now();
    let result = act()?;
    ensure!(begun.elapsed() < BOUND, "it took {:?}", begun.elapsed());
    Ok(result)
}

fn frame(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}

/// Sends bytes, says that no more come, and reads what the service answers until it closes.
fn send(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut stream = UnixStream::connect(SOCKET)?;
    stream.set_read_timeout(Some(BOUND))?;
    let mut answer = Vec::new();
    // A service that closes at the first wrong byte need not read the rest.
    if stream.write_all(bytes).is_ok() && stream.shutdown(Shutdown::Write).is_ok() {
        match stream.read_to_end(&mut answer) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => anyhow::bail!("no end after {BOUND:?}"),
            Err(_) | Ok(_) => {}
        }
    }
    Ok(answer)
}
