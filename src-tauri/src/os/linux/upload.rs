//! Choosing a file for the portal. The engine's own dialogue waits in a loop of its own and outlives its window, blocking all others
//! when the session ends meanwhile; this one goes with the window. Gives the page what was chosen and nothing else.

use std::cell::Cell;

use gtk::{
    FileChooserAction, FileChooserNative, ResponseType,
    prelude::{Cast as _, FileChooserExt as _, NativeDialogExt as _, ObjectExt as _, WidgetExt as _},
};
use webkit2gtk::{FileChooserRequest, FileChooserRequestExt as _, WebView, WebViewExt as _};

use crate::words::ChooserWords;

/// Shows the dialogue whenever a page asks for a file.
pub(super) fn offer(view: &WebView, words: ChooserWords) {
    view.connect_run_file_chooser(move |view, request| {
        choose(view, request, &words);
        true
    });
}

fn choose(view: &WebView, request: &FileChooserRequest, words: &ChooserWords) {
    let parent = view.toplevel().and_then(|widget| widget.downcast::<gtk::Window>().ok());
    let dialogue = FileChooserNative::new(
        Some(&words.title),
        parent.as_ref(),
        FileChooserAction::Open,
        Some(&words.open),
        Some(&words.cancel),
    );
    dialogue.set_modal(true);
    dialogue.set_local_only(true);
    dialogue.set_select_multiple(request.selects_multiple());
    if let Some(filter) = request.mime_types_filter() {
        dialogue.set_filter(&filter);
    }
    // The handler on the view holds the dialogue until it is answered, or goes with the view.
    let keeper = view.connect_destroy({
        let dialogue = dialogue.clone();
        move |_| dialogue.destroy()
    });
    let (view, request, keeper) = (view.clone(), request.clone(), Cell::new(Some(keeper)));
    dialogue.connect_response(move |dialogue, response| {
        let chosen: Vec<String> =
            dialogue.filenames().into_iter().filter_map(|path| path.into_os_string().into_string().ok()).collect();
        if response == ResponseType::Accept && !chosen.is_empty() {
            request.select_files(&chosen.iter().map(String::as_str).collect::<Vec<_>>());
        } else {
            request.cancel();
        }
        dialogue.destroy();
        if let Some(keeper) = keeper.take() {
            view.disconnect(keeper);
        }
    });
    dialogue.show();
}
