//! Where things may stand in the source. Each law names the file and line that breaks it.

use flexnet_laws::{File, files, rust_files, snake_case};
use flexnet_protocol::{FaultCode, gateway::CONNECT_UDP_PATH};

fn expect_none(law: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{law}:\n{}", broken.join("\n"));
}

fn at(file: &File, number: usize, line: &str) -> String {
    format!("{}:{number}: {}", file.path, line.trim())
}

#[test]
fn systems_differ_only_in_os_folders() {
    let words = ["windows", "unix", "target_os", "target_family", "target_env"];
    let differs = |line: &str| {
        line.split_once("cfg").is_some_and(|(_, rest)| {
            let rest = rest.trim_start_matches("_attr").trim_start_matches('!');
            rest.starts_with('(')
                && rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|word| words.contains(&word))
        })
    };
    let mut broken = Vec::new();
    for file in rust_files().unwrap().iter().filter(|f| !f.in_os_folder() && !f.is_test()) {
        for (number, line) in file.product_lines().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            // A Windows program says in its first lines that it opens no console; there is no other place for it.
            if differs(line) && !line.contains("windows_subsystem") {
                broken.push(at(file, number, line));
            }
        }
    }
    expect_none("cfg(windows), cfg(unix), cfg(target_os) stand in os/ folders only", &broken);
}

#[test]
fn unsafe_stands_in_os_folders_with_its_reason() {
    let mut broken = Vec::new();
    for file in rust_files().unwrap() {
        let lines: Vec<&str> = file.text.lines().collect();
        for (number, line) in file.lines().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let code = line.split("//").next().unwrap_or_default();
            let word = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|w| w == "unsafe");
            if !word || code.contains('"') {
                continue;
            }
            let explained = lines[number.saturating_sub(8)..number].iter().any(|l| l.contains("SAFETY"));
            if !file.in_os_folder() || !explained {
                broken.push(at(&file, number, line));
            }
        }
    }
    expect_none("unsafe stands in os/ folders, with SAFETY above it", &broken);
}

#[test]
fn every_module_says_what_it_is() {
    let head = |file: &&File| {
        !file.text.starts_with("//!") && !file.text.starts_with("#!") && !file.path.ends_with("build.rs")
    };
    let broken: Vec<_> = rust_files().unwrap().iter().filter(head).map(|f| f.path.clone()).collect();
    expect_none("a Rust file begins with //!", &broken);
}

#[test]
fn no_registry_is_named() {
    // In pieces, for this file is committed too.
    let hosts = [
        ["registry.np", "mjs.org"],
        ["registry.yarn", "pkg.com"],
        ["py", "pi.org"],
        ["python", "hosted.org"],
        ["static.crates", ".io"],
        ["index.crates", ".io"],
        ["deb.deb", "ian.org"],
        ["archive.ubu", "ntu.com"],
    ]
    .map(|pieces| pieces.concat());
    let mut broken = Vec::new();
    for file in files().unwrap() {
        for (number, line) in file.lines().filter(|(_, line)| hosts.iter().any(|host| line.contains(host.as_str()))) {
            broken.push(at(&file, number, line));
        }
    }
    expect_none("the ordinary clients know their registries; none is named here", &broken);
}

#[test]
fn lock_files_name_no_address() {
    let locks = files().unwrap();
    let locks: Vec<_> = locks.iter().filter(|f| f.path.ends_with("package-lock.json")).collect();
    let broken: Vec<_> =
        locks.iter().filter(|f| f.text.contains("\"resolved\": \"http")).map(|f| f.path.clone()).collect();
    expect_none("package-lock.json has no `resolved`", &broken);
}

#[test]
fn only_the_platform_seam_knows_tauri() {
    let mut broken = Vec::new();
    for file in
        files().unwrap().iter().filter(|f| f.path.starts_with("ui/src/") && f.path != "ui/src/platform/tauri.ts")
    {
        for (number, line) in file.lines().filter(|(_, line)| line.contains("@tauri-apps/") && line.contains("import"))
        {
            broken.push(at(file, number, line));
        }
    }
    expect_none("@tauri-apps/* is imported by ui/src/platform/tauri.ts only", &broken);
}

#[test]
fn every_fault_is_reached_by_a_test() {
    let files = files().unwrap();
    let tests: Vec<&str> = files
        .iter()
        .filter(|f| !f.path.starts_with("tests/laws/") && !f.path.contains("/fault/") && !f.path.contains("locales"))
        .filter(|f| [".rs", ".ts", ".js", ".mjs", ".sh"].iter().any(|end| f.path.ends_with(end)))
        .map(File::test_part)
        .collect();
    let reached = |code: FaultCode| {
        let (name, snake) = (format!("{code:?}"), snake_case(&format!("{code:?}")));
        let code = code.to_string();
        let named = |text: &str| {
            text.contains(&code)
                || text
                    .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .any(|word| word == name || word == snake)
        };
        tests.iter().any(|text| named(text))
    };
    let missing: Vec<String> =
        FaultCode::ALL.iter().filter(|code| !reached(**code)).map(|c| format!("{c} {c:?}")).collect();
    expect_none("every fault of the catalogue is reached by a test", &missing);
}

#[test]
fn the_attack_surface_names_every_request_and_route() {
    let files = files().unwrap();
    let text = |path: &str| files.iter().find(|f| f.path == path).map(|f| f.text.as_str()).unwrap_or_default();
    let surface = text("docs/attack-surface.md");
    let local = text("crates/flexnet-protocol/src/local.rs");
    let requests = local.split_once("pub enum Request {").unwrap().1.split_once("\n}").unwrap().0;
    let variants =
        requests.lines().filter_map(|line| line.strip_prefix("    ")).filter(|l| l.starts_with(char::is_uppercase));
    let mut missing: Vec<String> = variants
        .map(|line| line.split(|c: char| !c.is_alphanumeric()).next().unwrap())
        .filter(|name| !surface.contains(&format!("`{}`", snake_case(name))))
        .map(|name| format!("the local request `{}`", snake_case(name)))
        .collect();
    let gateway = |f: &&File| f.path.starts_with("crates/flexnet-gateway/src/") && !f.path.contains("/tests/");
    for file in files.iter().filter(gateway) {
        let routes = file.text.split("\"/v1/").skip(1).filter_map(|rest| rest.split('"').next());
        missing.extend(routes.map(|r| format!("/v1/{r}")).filter(|route| !surface.contains(route.as_str())));
    }
    for file in files.iter().filter(|f| f.path.starts_with("crates/flexnet-gateway/src/pages/")) {
        let routes = file.text.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
        missing.extend(
            routes.filter(|route| !surface.contains(&format!(" {route}"))).map(|route| format!("page {route}")),
        );
    }
    missing.extend([CONNECT_UDP_PATH].into_iter().filter(|path| !surface.contains(path)).map(String::from));
    expect_none("docs/attack-surface.md names what each process takes", &missing);
}

#[test]
fn every_crate_keeps_the_workspace_lints() {
    let files = files().unwrap();
    // libFuzzer's targets are a workspace of their own, with its counters in every crate; what they call is in tests/fuzz.
    let crates = files.iter().filter(|f| f.path.ends_with("/Cargo.toml") && f.path != "fuzz/Cargo.toml");
    let broken: Vec<_> =
        crates.filter(|f| !f.text.contains("[lints]\nworkspace = true")).map(|f| f.path.clone()).collect();
    expect_none("a crate has [lints] workspace = true", &broken);
}

/// A question for the review, not a failure: a file should have at most about 400 lines without tests.
#[test]
fn long_files_are_told() {
    for file in files().unwrap() {
        let code = [".rs", ".ts", ".svelte", ".sh"].iter().any(|end| file.path.ends_with(end));
        let count = file.text.lines().count() - file.test_part().lines().count();
        if code && count > 450 {
            println!("long: {} has {count} lines", file.path);
        }
    }
}
