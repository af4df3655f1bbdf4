//! The bar above a portal page: back, reload, where one is, zoom, print. Native, so that no page can draw over it or imitate its place.
//! Tab reaches it once, arrow keys go through it, as GTK's toolbar does by itself.

use gtk::{
    SeparatorToolItem, StyleContext, ToolButton, ToolItem, Toolbar, gdk,
    pango::EllipsizeMode,
    prelude::{
        AtkObjectExt as _, BoxExt as _, Cast as _, ContainerExt as _, CssProviderExt as _, LabelExt as _,
        StyleContextExt as _, ToolButtonExt as _, ToolItemExt, ToolbarExt as _, WidgetExt as _,
    },
};
use url::Url;
use webkit2gtk::{WebView, WebViewExt as _};

use super::keys::{self, Action};
use crate::words::ToolWords;

/// Sizes of the design: targets of 44 px, and the ring of its focus colour.
const STYLE: &[u8] = b"
.kv-tools { padding: 2px 8px; border-bottom: 1px solid alpha(currentColor, .2); }
.kv-tools label { font-size: 15px; }
.kv-tools button { min-width: 36px; min-height: 36px; }
.kv-tools button:focus { outline: 2px solid #7d1e86; outline-offset: -2px; }
";

/// Puts the bar above the view.
pub(super) fn put_above(view: &WebView, words: &ToolWords) {
    let Some(column) = view.parent().and_then(|parent| parent.downcast::<gtk::Box>().ok()) else { return };
    style();
    let bar = Toolbar::new();
    bar.style_context().add_class("kv-tools");
    bar.set_show_arrow(false);
    name(&bar, &words.bar);

    let back = button(view, "go-previous-symbolic", &words.back, |_| Some(Action::Back));
    back.set_sensitive(false);
    let (address, zoom) = (gtk::Label::new(None), gtk::Label::new(Some("100 %")));
    address.set_ellipsize(EllipsizeMode::End);
    address.set_xalign(0.0);
    zoom.set_width_chars(6);

    add(&bar, &back);
    add(&bar, &button(view, "view-refresh-symbolic", &words.reload, |_| Some(Action::Reload)));
    add(&bar, &item(&address, true));
    add(&bar, &button(view, "zoom-out-symbolic", &words.smaller, |view| Some(keys::smaller(view))));
    add(&bar, &item(&zoom, false));
    add(&bar, &button(view, "zoom-in-symbolic", &words.larger, |view| Some(keys::larger(view))));
    add(&bar, &SeparatorToolItem::new());
    add(&bar, &button(view, "document-print-symbolic", &words.print, |_| Some(Action::Print)));

    view.connect_zoom_level_notify(move |view| zoom.set_text(&percent(view.zoom_level())));
    view.connect_uri_notify(move |view| address.set_text(&place(&view.uri().unwrap_or_default())));
    view.connect_load_changed(move |view, _| back.set_sensitive(keys::may_go_back(view)));
    column.pack_start(&bar, false, false, 0);
    column.reorder_child(&bar, 0);
    bar.show_all();
}

fn button(view: &WebView, icon: &str, text: &str, action: fn(&WebView) -> Option<Action>) -> ToolButton {
    let button = ToolButton::new(None::<&gtk::Widget>, Some(text));
    button.set_icon_name(Some(icon));
    ToolItemExt::set_tooltip_text(&button, text);
    name(&button, text);
    let view = view.clone();
    button.connect_clicked(move |_| {
        if let Some(action) = action(&view) {
            keys::act(&view, action);
        }
    });
    button
}

fn item(label: &gtk::Label, wide: bool) -> ToolItem {
    let item = ToolItem::new();
    ToolItemExt::set_expand(&item, wide);
    label.set_margin_start(8);
    label.set_margin_end(8);
    item.add(label);
    item
}

fn add(bar: &Toolbar, item: &impl gtk::glib::IsA<ToolItem>) {
    bar.insert(item, -1);
}

fn name(widget: &impl gtk::glib::IsA<gtk::Widget>, name: &str) {
    if let Some(accessible) = widget.accessible() {
        accessible.set_name(name);
    }
}

fn style() {
    let provider = gtk::CssProvider::new();
    match (provider.load_from_data(STYLE), gdk::Screen::default()) {
        (Ok(()), Some(screen)) => {
            StyleContext::add_provider_for_screen(&screen, &provider, gtk::STYLE_PROVIDER_PRIORITY_APPLICATION);
        }
        (Err(error), _) => tracing::warn!(%error, "the bar of the portal window has no style"),
        (Ok(()), None) => {}
    }
}

/// Host and path; what stands behind them is nobody's business over the shoulder.
fn place(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) => {
            url.host_str().map_or_else(String::new, |host| format!("{host}{}", url.path().trim_end_matches('/')))
        }
        Err(_) => String::new(),
    }
}

fn percent(zoom: f64) -> String {
    format!("{:.0} %", zoom * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_host_and_path() {
        for (address, shown) in [
            ("http://portal.snk.example/", "portal.snk.example"),
            ("http://portal.snk.example:8080/honorar/archiv?marke=1#x", "portal.snk.example/honorar/archiv"),
            ("about:blank", ""),
            ("", ""),
        ] {
            assert_eq!(place(address), shown, "{address}");
        }
        assert_eq!((percent(1.0), percent(1.1), percent(0.5)), ("100 %".into(), "110 %".into(), "50 %".into()));
    }
}
