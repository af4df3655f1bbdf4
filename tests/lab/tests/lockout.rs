//! Five wrong entries in a row lock, whatever was wrong in them; only the desk unlocks. Picture: ../src/world.rs.
//! The guesses come from the router, as another program would send them: our own client's checks do not stand in the way.

use anyhow::{Result, bail, ensure};
use flexnet_lab::{Member, World, burst::Answer, in_world};
use flexnet_protocol::{FaultCode, gateway::Problem, snapshot::State};

/// What is wrong in an entry.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Tan,
    Password,
    Replay,
    Both,
}

impl Wrong {
    /// Sends such an entry. `spent` is a TAN that has opened a session.
    fn enter(self, world: &World, member: &mut Member, spent: &str) -> Result<Answer> {
        let (password, tan) = match self {
            Self::Tan => (member.password.clone(), member.wrong()?),
            Self::Password => ("falsch".into(), member.press()?),
            Self::Replay => (member.password.clone(), spent.into()),
            Self::Both => ("falsch".into(), member.wrong()?),
        };
        world.guess(&member.username, &password, &tan)
    }
}

#[test]
fn five_wrong_entries_in_any_mix_lock() -> Result<()> {
    in_world("five_wrong_entries_in_any_mix_lock", |world| {
        use Wrong::{Both, Password, Replay, Tan};
        world.found()?;
        let _gateway = world.gateway()?;
        let mixes = [
            [Tan; 5],
            [Password; 5],
            [Replay; 5],
            [Tan, Password, Replay, Both, Tan],
            [Replay, Both, Password, Tan, Password],
        ];
        for (number, mix) in mixes.into_iter().enumerate() {
            let mut member = world.member(&format!("m.mix{number}"), &["--kind", "hotp"])?;
            let spent = member.press()?;
            world.guess(&member.username, &member.password, &spent)?.grant()?;
            let told = five(|n| mix[n].enter(world, &mut member, &spent))?;
            expect_lock_after_five(&told)?;
            let tan = member.press()?;
            expect_locked(&world.guess(&member.username, &member.password, &tan)?)?;
        }
        // A right entry in between sets the count back.
        let mut member = world.member("m.zurueck", &["--kind", "hotp"])?;
        for _ in 0..2 {
            for left in (1..5).rev() {
                let tan = member.wrong()?;
                let problem = world.guess(&member.username, &member.password, &tan)?.problem()?;
                ensure!(problem.attempts_left == Some(left), "{problem:?}");
            }
            let tan = member.press()?;
            ensure!(world.guess(&member.username, &member.password, &tan)?.grant()?.failures_before == 4);
        }
        Ok(())
    })
}

#[test]
fn an_invented_name_locks_in_the_same_way() -> Result<()> {
    in_world("an_invented_name_locks_in_the_same_way", |world| {
        world.found()?;
        let _gateway = world.gateway()?;
        let mut member = world.member("m.echt", &["--kind", "hotp"])?;
        let known = five(|_| Wrong::Both.enter(world, &mut member, ""))?;
        let invented = five(|n| world.guess("niemand.da", "falsch", &format!("{:06}", 100_000 + n)))?;
        ensure!(known == invented, "the answers differ:\n{known:?}\n{invented:?}");
        expect_lock_after_five(&invented)?;
        let sixth = |name: &str| world.guess(name, "falsch", "123456");
        let (known, invented) = (sixth(&member.username)?, sixth("niemand.da")?);
        ensure!(known.status == invented.status && known.body == invented.body, "{known:?}\n{invented:?}");
        // Spelling is no way around: the name is one, however it is typed.
        for spelling in ["NIEMAND.DA", " niemand.da ", "Niemand.Da"] {
            expect_locked(&world.guess(spelling, "falsch", "123456")?)?;
        }
        world
            .admin(&["account", "unlock", "niemand.da", "--caller-verified", "--reason", "Lab"])?
            .expect_ok("account unlock")?;
        let audit = world.admin(&["audit"])?.expect_ok("audit")?;
        // Somebody may have typed a password there.
        ensure!(audit.contains("unlock") && !audit.contains("niemand.da"), "the audit names nobody's name:\n{audit}");
        Ok(())
    })
}

#[test]
fn a_lock_and_a_count_survive_every_end_of_the_gateway() -> Result<()> {
    in_world("a_lock_and_a_count_survive_every_end_of_the_gateway", |world| {
        world.found()?;
        let mut gateway = world.gateway()?;
        let mut member = world.member("m.neustart", &["--kind", "hotp"])?;
        for left in [4, 3] {
            let problem = Wrong::Tan.enter(world, &mut member, "")?.problem()?;
            ensure!(problem.attempts_left == Some(left), "{problem:?}");
        }
        gateway.kill()?;
        gateway = world.gateway()?;
        for left in [2, 1] {
            let problem = Wrong::Password.enter(world, &mut member, "")?.problem()?;
            ensure!(problem.attempts_left == Some(left), "after SIGKILL: {problem:?}");
        }
        gateway.stop()?;
        gateway = world.gateway()?;
        expect_locked(&Wrong::Tan.enter(world, &mut member, "")?)?;
        gateway.stop()?;
        gateway = world.gateway()?;
        let tan = member.press()?;
        expect_locked(&world.guess(&member.username, &member.password, &tan)?)?;
        gateway.kill()?;
        let _gateway = world.gateway()?;
        let tan = member.press()?;
        expect_locked(&world.guess(&member.username, &member.password, &tan)?)?;
        world
            .admin(&["account", "unlock", &member.username, "--caller-verified", "--reason", "Lab"])?
            .expect_ok("account unlock")?;
        let tan = member.press()?;
        world.guess(&member.username, &member.password, &tan)?.grant()?;
        Ok(())
    })
}

#[test]
fn the_member_sees_each_attempt_the_lock_and_whom_to_call() -> Result<()> {
    in_world("the_member_sees_each_attempt_the_lock_and_whom_to_call", |world| {
        let _running = world.everything()?;
        let mut member = world.member("m.sieht", &["--kind", "hotp"])?;
        for left in (1..5).rev() {
            let tan = member.wrong()?;
            let answer = world.connect(&member.username, &member.password, &tan)?;
            ensure!(answer.code == Some(3), "a wrong entry ends with 3, not {:?}: {}", answer.code, answer.stderr);
            let State::SignedOut { refused: Some(wrong), .. } = world.snapshot()?.state else { bail!("not told") };
            ensure!(wrong.fault.code == FaultCode::Refused && wrong.attempts_left == Some(left), "{wrong:?}");
        }
        let tan = member.wrong()?;
        let answer = world.connect(&member.username, &member.password, &tan)?;
        ensure!(answer.code == Some(4), "a locked access ends with 4, not {:?}: {}", answer.code, answer.stderr);
        answer.expect_fault(FaultCode::Locked)?;
        let snapshot = world.snapshot()?;
        let words = world.cli(&["status"], "")?;
        ensure!(words.code == Some(4), "{:?}", words.code);
        for text in [&snapshot.desk.contact.phone, &FaultCode::Locked.to_string()] {
            ensure!(words.stdout.contains(text.as_str()), "{text} is missing in:\n{}", words.stdout);
        }
        world
            .admin(&["account", "unlock", &member.username, "--caller-verified", "--reason", "Lab"])?
            .expect_ok("account unlock")?;
        world.sign_in(&mut member)
    })
}

#[test]
fn two_thousand_guesses_at_once_evaluate_five() -> Result<()> {
    in_world("two_thousand_guesses_at_once_evaluate_five", |world| {
        world.found()?;
        let _gateway = world.gateway()?;
        let mut member = world.member("m.angriff", &["--kind", "hotp"])?;
        let before = evaluated(world)?;
        let wrong: Vec<String> = (0..2000_u32).map(|n| format!("{:06}", (n * 487 + 11) % 1_000_000)).collect();
        let guesses: Vec<_> = wrong.iter().map(|tan| (member.username.as_str(), "falsch", tan.as_str())).collect();
        let answers = world.guesses(&guesses, 50)?;
        ensure!(answers.len() == 2000, "{} answers", answers.len());
        let told = |fault: FaultCode| answers.iter().filter(|a| a.problem().is_ok_and(|p| p.fault == fault)).count();
        let (refused, locked, busy) = (told(FaultCode::Refused), told(FaultCode::Locked), told(FaultCode::GatewayBusy));
        println!("refused {refused}, locked {locked}, busy {busy}");
        ensure!(refused + locked + busy == 2000, "other answers: {:?}", answers.iter().find(|a| a.problem().is_err()));
        let evaluated = evaluated(world)? - before;
        ensure!(evaluated == 5, "{evaluated} guesses were evaluated, not 5");
        let tan = member.press()?;
        expect_locked(&world.guess(&member.username, &member.password, &tan)?)
    })
}

#[test]
fn a_used_tan_opens_nothing_again_not_even_a_hundred_times_at_once() -> Result<()> {
    in_world("a_used_tan_opens_nothing_again_not_even_a_hundred_times_at_once", |world| {
        world.found()?;
        let _gateway = world.gateway()?;
        // A used one, a hundred times at once.
        let mut member = world.member("m.benutzt", &["--kind", "hotp"])?;
        let tan = member.press()?;
        world.guess(&member.username, &member.password, &tan)?.grant()?;
        let again = vec![(member.username.as_str(), member.password.as_str(), tan.as_str()); 100];
        let answers = world.guesses(&again, 50)?;
        ensure!(opened(&answers) == 0, "a used TAN opened {} sessions", opened(&answers));
        // A fresh one, a hundred times at once, by both kinds of token.
        let mut event = world.member("m.frisch", &["--kind", "hotp"])?;
        let clock = world.member("t.frisch", &["--kind", "totp"])?;
        let tans = [event.press()?, clock.now()?];
        for (member, tan) in [&event, &clock].into_iter().zip(&tans) {
            let at_once = vec![(member.username.as_str(), member.password.as_str(), tan.as_str()); 100];
            let answers = world.guesses(&at_once, 50)?;
            ensure!(opened(&answers) <= 1, "one TAN opened {} sessions", opened(&answers));
        }
        Ok(())
    })
}

/// Five entries and what was told of each.
fn five(mut enter: impl FnMut(usize) -> Result<Answer>) -> Result<Vec<Problem>> {
    (0..5).map(|n| enter(n)?.problem()).collect()
}

fn expect_lock_after_five(told: &[Problem]) -> Result<()> {
    let (fifth, first) = told.split_last().ok_or_else(|| anyhow::anyhow!("nothing was told"))?;
    for (problem, left) in first.iter().zip([4, 3, 2, 1]) {
        ensure!(problem.fault == FaultCode::Refused && problem.attempts_left == Some(left), "{left}: {problem:?}");
    }
    ensure!(fifth.fault == FaultCode::Locked, "the fifth does not lock: {fifth:?}");
    Ok(())
}

fn expect_locked(answer: &Answer) -> Result<()> {
    let problem = answer.problem()?;
    ensure!(problem.fault == FaultCode::Locked, "not locked: {problem:?}");
    Ok(())
}

fn opened(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.grant().is_ok()).count()
}

/// Evaluated attempts: one audit row each.
fn evaluated(world: &World) -> Result<usize> {
    let event = |row: &serde_json::Value| row.get("event").and_then(|e| e.as_str()).map(String::from);
    let rows = world.audit()?;
    Ok(rows.iter().filter_map(event).filter(|event| event.starts_with("attempt")).count())
}
