//! What the member types: from prompts on a terminal, from lines on standard input otherwise.
//! Never from arguments or the environment: other users can read those.

use std::io::{self, BufRead, BufReader, IsTerminal as _, Read as _};

use flexnet_protocol::{Fault, Secret, link, local::Credentials};
use thiserror::Error;

use crate::{os, show::Show};

/// Longest line that is read, in bytes.
const MAX_LINE: usize = 1024;

/// Where the entry comes from.
pub(crate) enum Source {
    /// Somebody at a terminal.
    Terminal,
    /// Lines that are there already.
    Lines(Box<dyn BufRead + Send>),
}

/// Why there is no entry. Carries nothing of what was read.
#[derive(Debug, Error)]
pub(crate) enum BadInput {
    #[error("a line is missing")]
    Short,
    #[error("a line is too long")]
    Long,
    #[error("no input")]
    Unreadable(#[source] io::Error),
}

impl Source {
    pub(crate) fn new(stdin: bool) -> Self {
        if !stdin && io::stdin().is_terminal() {
            Self::Terminal
        } else {
            Self::Lines(Box::new(BufReader::new(io::stdin())))
        }
    }

    /// Whether a wrong entry can be made good at once.
    pub(crate) const fn asks(&self) -> bool {
        matches!(self, Self::Terminal)
    }

    /// Asks or reads. `username` is what the command line or an earlier try gave.
    pub(crate) fn read(&mut self, username: Option<&str>, show: &Show) -> Result<Credentials, BadInput> {
        match self {
            Self::Terminal => ask(username, show),
            Self::Lines(lines) => read_lines(lines, username),
        }
    }
}

impl Source {
    /// The ticket of the link that the page shows, or the ticket itself.
    pub(crate) fn ticket(&mut self, show: &Show) -> anyhow::Result<Secret> {
        let text = Secret::new(self.secret("cli-ask-link", show)?.expose().trim());
        if link::is_ticket(text.expose()) {
            return Ok(text);
        }
        Ok(link::ticket(text.expose()).map_err(Fault::from)?)
    }

    /// Two TANs, one after the other.
    pub(crate) fn tans(&mut self, show: &Show) -> Result<[Secret; 2], BadInput> {
        Ok([self.secret("cli-ask-first-tan", show)?, self.secret("cli-ask-second-tan", show)?])
    }

    /// Whether somebody says the word that cannot be said by accident.
    pub(crate) fn agrees(&mut self, show: &Show) -> Result<bool, BadInput> {
        let said = self.secret("cli-ask-lost", show)?;
        Ok(said.expose().trim().eq_ignore_ascii_case(&show.text("cli-lost-word")))
    }

    /// One line, after a question on a terminal.
    fn line(&mut self, question: &str) -> Result<String, BadInput> {
        match self {
            Self::Terminal => prompt(question),
            Self::Lines(lines) => line(lines),
        }
    }

    /// One line that was entered after the question. Who pastes a link may have pasted an answer of the page's maker with it.
    pub(crate) fn answer(&mut self, question: &str) -> Result<String, BadInput> {
        if self.asks() {
            os::drop_pending().map_err(BadInput::Unreadable)?;
        }
        self.line(question)
    }

    fn secret(&mut self, question: &str, show: &Show) -> Result<Secret, BadInput> {
        self.line(&show.text(question)).map(Secret::new)
    }
}

impl BadInput {
    /// Key of its text.
    pub(crate) const fn key(&self) -> &'static str {
        match self {
            Self::Short => "cli-input-short",
            Self::Long => "cli-input-long",
            Self::Unreadable(_) => "cli-input-unreadable",
        }
    }
}

fn ask(username: Option<&str>, show: &Show) -> Result<Credentials, BadInput> {
    let username = match username {
        Some(name) => name.to_owned(),
        None => prompt(&show.text("cli-ask-username"))?,
    };
    let password = rpassword::prompt_password(show.text("cli-ask-password")).map_err(BadInput::Unreadable)?;
    let tan = prompt(&show.text("cli-ask-tan"))?;
    Ok(Credentials { username, password: Secret::new(password), tan: Secret::new(tan) })
}

fn prompt(question: &str) -> Result<String, BadInput> {
    // To standard error, so that standard output stays JSON under --json.
    eprint!("{question}");
    line(&mut io::stdin().lock())
}

/// Three lines: user name, password, TAN. Two where the name is known.
fn read_lines(input: &mut impl BufRead, username: Option<&str>) -> Result<Credentials, BadInput> {
    let username = match username {
        Some(name) => name.to_owned(),
        None => line(input)?,
    };
    let password = Secret::new(line(input)?);
    let tan = Secret::new(line(input)?);
    Ok(Credentials { username, password, tan })
}

/// One line without its end. Blanks inside stay: a password may hold them.
fn line(input: &mut impl BufRead) -> Result<String, BadInput> {
    // Never grows, so no copy of a password is left behind.
    let mut text = String::with_capacity(MAX_LINE);
    let read = input.take(MAX_LINE as u64).read_line(&mut text).map_err(BadInput::Unreadable)?;
    if read == 0 {
        return Err(BadInput::Short);
    }
    if read == MAX_LINE && !text.ends_with('\n') {
        return Err(BadInput::Long);
    }
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_lines_are_name_password_and_tan() {
        let read = read_lines(&mut "m.muster\r\n geheim mit Leerzeichen \n123 456\n".as_bytes(), None).unwrap();
        assert_eq!(read.username, "m.muster");
        assert_eq!(read.password.expose(), " geheim mit Leerzeichen ");
        assert_eq!(read.tan.expose(), "123 456");
    }

    #[test]
    fn a_known_name_leaves_two_lines() {
        let read = read_lines(&mut "geheim\n123456".as_bytes(), Some("m.muster")).unwrap();
        assert_eq!((read.username.as_str(), read.tan.expose()), ("m.muster", "123456"));
    }

    #[test]
    fn an_empty_line_is_an_empty_entry_and_the_services_to_refuse() {
        let read = read_lines(&mut "m.muster\n\n\n".as_bytes(), None).unwrap();
        assert_eq!((read.password.expose(), read.tan.expose()), ("", ""));
    }

    #[test]
    fn missing_endless_and_unreadable_lines_are_refused() {
        assert!(matches!(read_lines(&mut "m.muster\ngeheim\n".as_bytes(), None), Err(BadInput::Short)));
        let endless = "x".repeat(5000);
        assert!(matches!(read_lines(&mut endless.as_bytes(), None), Err(BadInput::Long)));
        assert!(matches!(read_lines(&mut [0xff, b'\n'].as_slice(), None), Err(BadInput::Unreadable(_))));
    }
}
