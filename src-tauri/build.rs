//! Reads tauri.conf.json, makes a permission of each command, and says where the built ui lies.
//! A debug build without a built ui gets a page that says so; a release build fails.

use std::{env, error::Error, path::Path};

use tauri_build::{AppManifest, Attributes};

/// Every command of the window. What is not listed here cannot be allowed in capabilities/.
const COMMANDS: &[&str] = &[
    "link",
    "ask",
    "repair_plan",
    "sign_in",
    "confirm_identity",
    "report_token_lost",
    "resync_token",
    "remembered",
    "forget",
    "settings",
    "save_settings",
    "open_portal",
    "about",
    "call_desk",
    "show_folder",
    "diagnose",
    "stop_diagnosis",
    "report_preview",
    "report_save",
    "report_send",
    "widen",
    "ui_ready",
    "quit",
];

const UI: &str = "../ui/dist";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={UI}");
    let embedded = env::var_os("CARGO_FEATURE_CUSTOM_PROTOCOL").is_some();
    if embedded && env::var_os("TAURI_CONFIG").is_none() && !Path::new(UI).join("index.html").exists() {
        if env::var("PROFILE")? == "release" {
            return Err(format!("{UI}/index.html is missing: run `npm run build` in ui/ first").into());
        }
        println!("cargo:warning=the ui is not built: the window will say so (npm run build in ui/)");
        println!("cargo:rustc-env=TAURI_CONFIG={{\"build\":{{\"frontendDist\":\"./no-ui\"}}}}");
    }
    tauri_build::try_build(Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS)))?;
    Ok(())
}
