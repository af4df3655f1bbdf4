//! The question whose access a link opens, while the snapshots go on. A thread reads, because nobody may ever answer.
//! Whatever is not a yes is a no. Lines that were there before the question say whose access it is: a yes in advance is none.

use std::thread;

use tokio::sync::oneshot;

use crate::{
    entry::{BadInput, Source},
    show::Show,
};

/// Asked once, about what was shown then.
pub(super) struct Question {
    /// Whose access it is, if the gateway tells.
    pub(super) display_name: Option<String>,
    said: oneshot::Receiver<Result<String, BadInput>>,
    /// Any of these is a yes.
    yes: Vec<String>,
}

impl Question {
    pub(super) fn ask(display_name: Option<String>, mut source: Source, show: &Show) -> Self {
        let (tell, said) = oneshot::channel();
        let question = show.text("cli-ask-identity");
        let yes = match &display_name {
            Some(name) if !source.asks() => vec![name.trim().to_owned()],
            Some(_) | None => show.text("cli-yes-words").split_whitespace().map(str::to_owned).collect(),
        };
        // Not a task: the runtime would wait for the line at its end.
        thread::spawn(move || tell.send(source.answer(&question)).ok());
        Self { display_name, said, yes }
    }

    /// Whether it was a yes. May be dropped and awaited again.
    pub(super) async fn answer(&mut self) -> Result<bool, BadInput> {
        let said = (&mut self.said).await.unwrap_or(Err(BadInput::Short))?;
        Ok(self.yes.iter().any(|yes| yes.eq_ignore_ascii_case(said.trim())))
    }
}
