//! WebKit's content filter on a portal window: what the rules do not let through is not loaded, whatever asks for it.
//! The safe bindings lack it, so these are the C functions; all on the main thread, as GTK wants.
#![expect(unsafe_code, reason = "webkit2gtk has no safe binding of UserContentFilterStore")]

use std::{
    cell::RefCell,
    ffi::{CString, c_char},
    path::Path,
};

use gtk::{
    gio,
    glib::{self, translate::ToGlibPtr as _},
};
use webkit2gtk::{WebView, WebViewExt as _, ffi};

const NAME: &std::ffi::CStr = c"portal";

thread_local! {
    /// The compiled filter and the rules that it was made of; they change with the profile only.
    static COMPILED: RefCell<Option<(String, Filter)>> = const { RefCell::new(None) };
}

/// Puts these rules on a view, then says how it went. At once if the rules are compiled already.
pub(super) fn add(
    view: &WebView,
    rules: &str,
    folder: &Path,
    then: impl FnOnce(&WebView, Result<(), String>) + 'static,
) {
    let compiled = COMPILED.with_borrow(|known| known.as_ref().filter(|(of, _)| of == rules).map(|(_, f)| f.clone()));
    if let Some(filter) = compiled {
        return then(view, filter.put_on(view));
    }
    let (view, of) = (view.clone(), rules.to_owned());
    compile(rules, folder, move |compiled| {
        let outcome = compiled.and_then(|filter| {
            COMPILED.set(Some((of, filter.clone())));
            filter.put_on(&view)
        });
        then(&view, outcome);
    });
}

/// A reference to a WebKitUserContentFilter.
struct Filter(*mut ffi::WebKitUserContentFilter);

impl Filter {
    fn put_on(&self, view: &WebView) -> Result<(), String> {
        let manager = view.user_content_manager().ok_or("the view has no content manager")?;
        // SAFETY: both pointers are alive for the call; the manager takes its own reference to the filter.
        unsafe { ffi::webkit_user_content_manager_add_filter(manager.to_glib_none().0, self.0) };
        Ok(())
    }
}

impl Clone for Filter {
    fn clone(&self) -> Self {
        // SAFETY: self holds a reference, so the filter is alive.
        Self(unsafe { ffi::webkit_user_content_filter_ref(self.0) })
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        // SAFETY: gives back the one reference that self holds.
        unsafe { ffi::webkit_user_content_filter_unref(self.0) };
    }
}

type Then = Box<dyn FnOnce(Result<Filter, String>)>;

fn compile(rules: &str, folder: &Path, then: impl FnOnce(Result<Filter, String>) + 'static) {
    if let Err(error) = std::fs::create_dir_all(folder) {
        return then(Err(format!("{}: {error}", folder.display())));
    }
    let Ok(path) = CString::new(folder.as_os_str().as_encoded_bytes()) else {
        return then(Err("its folder has a name with a null byte".into()));
    };
    let source = glib::Bytes::from(rules.as_bytes());
    let then: Box<Then> = Box::new(Box::new(then));
    // SAFETY: `path` and `NAME` are null-terminated and copied by the callee, `source` is referenced by it. `compiled` gets
    // `then` exactly once, as every GIO operation calls back exactly once; it also gives the store's reference back.
    unsafe {
        let store = ffi::webkit_user_content_filter_store_new(path.as_ptr().cast::<c_char>());
        ffi::webkit_user_content_filter_store_save(
            store,
            NAME.as_ptr(),
            source.to_glib_none().0,
            std::ptr::null_mut(),
            Some(compiled),
            Box::into_raw(then).cast(),
        );
    }
}

unsafe extern "C" fn compiled(
    store: *mut glib::gobject_ffi::GObject,
    result: *mut gio::ffi::GAsyncResult,
    then: glib::ffi::gpointer,
) {
    // SAFETY: `then` is the box that `compile` gave away, and this is its only use.
    let then = unsafe { Box::from_raw(then.cast::<Then>()) };
    let mut error: *mut glib::ffi::GError = std::ptr::null_mut();
    // SAFETY: GIO hands the store and the result of the operation that `compile` began.
    let filter = unsafe { ffi::webkit_user_content_filter_store_save_finish(store.cast(), result, &mut error) };
    // SAFETY: the reference that `webkit_user_content_filter_store_new` made; GIO holds its own during this call.
    unsafe { glib::gobject_ffi::g_object_unref(store) };
    if filter.is_null() {
        // SAFETY: a null filter comes with an error, which is ours to free.
        let reason: Option<glib::Error> = unsafe { glib::translate::from_glib_full(error) };
        return then(Err(reason.map_or_else(|| "no reason given".into(), |reason| reason.to_string())));
    }
    then(Ok(Filter(filter)));
}
