//! Commands of the lab: each is printed before it runs, waits have a deadline, and processes end with their handle.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

/// A command that has ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The command line.
    pub line: String,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// How it ended; `None` if a signal ended it.
    pub code: Option<i32>,
}

impl Finished {
    /// Exit code 0.
    pub fn ok(&self) -> bool {
        self.code == Some(0)
    }

    /// The standard output of a command that must succeed.
    ///
    /// # Errors
    /// It did not; with everything that it said.
    pub fn expect_ok(self, what: &str) -> Result<String> {
        ensure!(self.ok(), "{what}: `{}` ended with {:?}\n{}{}", self.line, self.code, self.stdout, self.stderr);
        Ok(self.stdout)
    }

    /// The standard output as JSON, whatever the exit code.
    ///
    /// # Errors
    /// It is none.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_str(self.stdout.trim())
            .with_context(|| format!("`{}` printed no JSON:\n{}{}", self.line, self.stdout, self.stderr))
    }

    /// The last line of the standard output as JSON, whatever the exit code.
    ///
    /// # Errors
    /// It is none.
    pub fn last_json(&self) -> Result<serde_json::Value> {
        let last = self.stdout.trim().lines().next_back().unwrap_or_default();
        serde_json::from_str(last)
            .with_context(|| format!("`{}` printed no JSON:\n{}{}", self.line, self.stdout, self.stderr))
    }
}

/// Runs a command to its end.
///
/// # Errors
/// It cannot be started.
pub fn run(program: &str, arguments: &[&str]) -> Result<Finished> {
    run_with(program, arguments, "")
}

/// The same with text on its standard input.
///
/// # Errors
/// It cannot be started.
pub fn run_with(program: &str, arguments: &[&str], input: &str) -> Result<Finished> {
    let line = shown(program, arguments);
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {line}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        let text = input.to_owned();
        // A process that ends without reading closes the pipe, which is its right.
        thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    }
    let output = child.wait_with_output()?;
    Ok(Finished {
        line,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code(),
    })
}

/// Prints a command as a person would type it.
pub fn print_command(program: &str, arguments: &[&str]) {
    println!("$ {}", shown(program, arguments));
}

fn shown(program: &str, arguments: &[&str]) -> String {
    let mut line = program.rsplit('/').next().unwrap_or(program).to_owned();
    for argument in arguments {
        line.push(' ');
        if argument.is_empty() || argument.contains([' ', '\'', '"', ';', '|', '{', '\n']) {
            line.push_str(&format!("'{argument}'"));
        } else {
            line.push_str(argument);
        }
    }
    line
}

/// A process in the background; dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Process {
    /// Starts it, with its output appended to `log`.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(name: &str, mut command: Command, log: &Path) -> Result<Self> {
        let file = File::options().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self { child, name: name.to_owned(), log: log.to_owned() })
    }

    /// Its process number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// The system does not say.
    pub fn runs(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Asks it to end (SIGTERM) and waits.
    ///
    /// # Errors
    /// It does not end in time.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        run("kill", &["-TERM", &self.id().to_string()])?;
        self.ended(Duration::from_secs(10))
    }

    /// kill -9, and waits.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It does not end in time.
    pub fn ended(&mut self, within: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!("{} still runs after {within:?}:\n{}", self.name, tail(&self.log()));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already dead is as good as killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last lines of a log.
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(40)..).unwrap_or_default().join("\n")
}

/// Waits until the condition holds.
///
/// # Errors
/// It does not within the time; the last error of the condition is told.
pub fn eventually<T>(what: &str, within: Duration, mut condition: impl FnMut() -> Result<T>) -> Result<T> {
    let deadline = Instant::now() + within;
    loop {
        match condition() {
            Ok(value) => return Ok(value),
            Err(error) if Instant::now() > deadline => {
                return Err(error.context(format!("waited {within:?} for: {what}")));
            }
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}
