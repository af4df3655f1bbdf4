//! What a portal window can do beside its page: print, reload, zoom, back and forward; and the keys for it. The engine has none of them.

use std::cell::Cell;

use gtk::{
    gdk::{EventKey, ModifierType, keys::constants as key},
    glib::Propagation,
    prelude::{Cast as _, WidgetExt as _},
};
use webkit2gtk::{
    BackForwardListExt as _, BackForwardListItemExt as _, PrintOperation, PrintOperationExt as _, WebView,
    WebViewExt as _,
};

thread_local! {
    /// The zoom that was chosen last: the next portal window opens with it.
    static ZOOM: Cell<f64> = const { Cell::new(1.0) };
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Action {
    /// Load the page anew.
    Reload,
    /// Print it.
    Print,
    /// To the page before.
    Back,
    /// To the page after.
    Forward,
    /// To this zoom.
    Zoom(f64),
}

/// Listens on a window of the portal.
pub(super) fn listen(view: &WebView) {
    view.set_zoom_level(ZOOM.get());
    view.connect_key_press_event(|view, event| match action(event, view.zoom_level()) {
        Some(action) => {
            act(view, action);
            Propagation::Stop
        }
        None => Propagation::Proceed,
    });
}

/// Does it.
pub(super) fn act(view: &WebView, action: Action) {
    match action {
        Action::Reload => view.reload(),
        Action::Print => {
            let parent = view.toplevel().and_then(|widget| widget.downcast::<gtk::Window>().ok());
            PrintOperation::new(view).run_dialog(parent.as_ref());
        }
        Action::Back if may_go_back(view) => view.go_back(),
        Action::Back => {}
        Action::Forward => view.go_forward(),
        Action::Zoom(level) => {
            ZOOM.set(level);
            view.set_zoom_level(level);
        }
    }
}

/// Whether there is a page before this one. The empty one that every window begins with is none.
pub(super) fn may_go_back(view: &WebView) -> bool {
    let before = view.back_forward_list().and_then(|list| list.back_item()).and_then(|item| item.uri());
    before.is_some_and(|address| address != "about:blank")
}

/// A step to a smaller page.
pub(super) fn smaller(view: &WebView) -> Action {
    Action::Zoom(step(view.zoom_level(), -0.1))
}

/// A step to a larger page.
pub(super) fn larger(view: &WebView) -> Action {
    Action::Zoom(step(view.zoom_level(), 0.1))
}

fn action(event: &EventKey, zoom: f64) -> Option<Action> {
    let held = event.state() & (ModifierType::CONTROL_MASK | ModifierType::MOD1_MASK | ModifierType::SUPER_MASK);
    chosen(*event.keyval(), held, zoom)
}

/// What a key does with these keys held.
fn chosen(pressed: u32, held: ModifierType, zoom: f64) -> Option<Action> {
    let is = |keys: &[gtk::gdk::keys::Key]| keys.iter().any(|key| **key == pressed);
    if held.is_empty() && is(&[key::F5]) {
        return Some(Action::Reload);
    }
    if held == ModifierType::MOD1_MASK {
        return match () {
            () if is(&[key::Left]) => Some(Action::Back),
            () if is(&[key::Right]) => Some(Action::Forward),
            () => None,
        };
    }
    if held != ModifierType::CONTROL_MASK {
        return None;
    }
    match () {
        () if is(&[key::p, key::P]) => Some(Action::Print),
        () if is(&[key::r, key::R]) => Some(Action::Reload),
        () if is(&[key::plus, key::equal, key::KP_Add]) => Some(Action::Zoom(step(zoom, 0.1))),
        () if is(&[key::minus, key::KP_Subtract]) => Some(Action::Zoom(step(zoom, -0.1))),
        () if is(&[key::_0, key::KP_0]) => Some(Action::Zoom(1.0)),
        () => None,
    }
}

/// In tenths, so that going there and back ends where it began.
fn step(zoom: f64, by: f64) -> f64 {
    (((zoom + by) * 10.0).round() / 10.0).clamp(0.5, 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_what_the_handbook_says() {
        let (none, ctrl, alt) = (ModifierType::empty(), ModifierType::CONTROL_MASK, ModifierType::MOD1_MASK);
        for (pressed, held, does) in [
            (key::F5, none, Some(Action::Reload)),
            (key::F5, ctrl, None),
            (key::p, ctrl, Some(Action::Print)),
            (key::p, none, None),
            (key::p, ctrl | alt, None),
            (key::plus, ctrl, Some(Action::Zoom(1.1))),
            (key::minus, ctrl, Some(Action::Zoom(0.9))),
            (key::_0, ctrl, Some(Action::Zoom(1.0))),
            (key::Left, alt, Some(Action::Back)),
            (key::Right, alt, Some(Action::Forward)),
            (key::Left, none, None),
        ] {
            assert_eq!(chosen(*pressed, held, 1.0), does, "{pressed:?} with {held:?}");
        }
    }

    #[test]
    fn zoom_stays_between_its_ends_and_comes_back() {
        let up = (0..40).fold(1.0, |zoom, _| step(zoom, 0.1));
        let down = (0..40).fold(1.0, |zoom, _| step(zoom, -0.1));
        assert_eq!((up, down), (3.0, 0.5));
        let there = (0..7).fold(1.0, |zoom, _| step(zoom, 0.1));
        assert_eq!((0..7).fold(there, |zoom, _| step(zoom, -0.1)), 1.0);
    }
}
