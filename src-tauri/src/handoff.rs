//! A sign-in that the browser hands over: the system starts the application once more, with a deep link as its argument.
//! Takes one link, strictly, and passes its ticket to the service; shows, keeps and logs none of it.

use std::time::Duration;

use flexnet_protocol::{
    Fault, Secret,
    link::{self, SCHEME},
    local::Request,
};
use tauri::{AppHandle, Manager as _, Runtime};
use tokio::time::timeout;
use zeroize::Zeroize as _;

use crate::{app::Desktop, link::Link, main_window};

/// A ticket lives for a minute. A service that is still starting gets this much of it.
const SERVICE_WITHIN: Duration = Duration::from_secs(20);

/// The arguments of a start, without the program's name. None is no hand-off; what begins like a link and is none is told.
pub(crate) fn started<R: Runtime>(app: &AppHandle<R>, mut arguments: Vec<String>) {
    let ticket = ticket(&arguments);
    // What the system keeps of its own copy is not ours to wipe.
    arguments.iter_mut().for_each(|argument| argument.zeroize());
    match ticket {
        None => {}
        Some(Ok(ticket)) => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                if let Err(fault) = redeem(&app, ticket).await {
                    main_window::notice(&app, &fault);
                }
            });
        }
        Some(Err(fault)) => main_window::notice(app, &fault),
    }
}

fn ticket(arguments: &[String]) -> Option<Result<Secret, Fault>> {
    let is_link =
        |argument: &&String| argument.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
    let first = arguments.iter().find(is_link)?;
    Some(match arguments {
        [only] => link::ticket(only).map_err(Fault::from),
        // The system hands over one link; whoever adds to it wants something else.
        _ => link::ticket(first).and(Err(link::BadLink::Other)).map_err(Fault::from),
    })
}

async fn redeem<R: Runtime>(app: &AppHandle<R>, ticket: Secret) -> Result<(), Fault> {
    let keeper = &app.state::<Desktop>().keeper;
    let up = keeper.wait_for(|link| matches!(link, Link::Up { .. }));
    // Without one, asking says why.
    drop(timeout(SERVICE_WITHIN, up).await);
    keeper.ask(Request::Redeem { ticket }).await.map(drop)
}

#[cfg(test)]
mod tests {
    use flexnet_protocol::FaultCode;

    use super::*;

    const LINK: &str = "kv-flexnet://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg";

    fn of(arguments: &[&str]) -> Option<Result<Secret, FaultCode>> {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        ticket(&arguments).map(|read| read.map_err(|fault| fault.code))
    }

    #[test]
    fn one_link_is_a_hand_off_and_a_plain_start_is_none() {
        assert_eq!(of(&[LINK]), Some(Ok(Secret::new("MDEyMzQ1Njc4OWFiY2RlZg"))));
        for plain in [&[][..], &["--hidden"], &["https://flexnet.example/"], &["ä"]] {
            assert_eq!(of(plain), None, "{plain:?}");
        }
    }

    #[test]
    fn whatever_else_calls_itself_a_link_is_broken() {
        for bad in [
            &["kv-flexnet:"][..],
            &["KV-FLEXNET://connect?ticket=MDEyMzQ1Njc4OWFiY2RlZg"],
            &["kv-flexnet://connect?ticket=kurz"],
            &["kv-flexnet://repair"],
            &[LINK, LINK],
            &["--hidden", LINK],
            &[LINK, "--socket"],
        ] {
            assert_eq!(of(bad), Some(Err(FaultCode::LinkBroken)), "{bad:?}");
        }
    }
}
