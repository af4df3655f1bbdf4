//! The Linux installer into a folder of its own: what it puts there is complete, and the verifier finds what is not.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::command::run;

const INSTALLER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../installer/linux");

/// An installation below a temporary folder.
struct Staged(tempfile::TempDir);

impl Staged {
    /// The product's own programs; the verifier does not start them.
    fn all() -> Result<Self> {
        let staged = Self(tempfile::tempdir()?);
        let (ok, said) = staged.script("install.sh", &["--from", &programs()?.display().to_string(), "--destdir"])?;
        ensure!(ok, "install.sh: {said}");
        Ok(staged)
    }

    fn verify(&self) -> Result<(bool, String)> {
        self.script("verify.sh", &["--root"])
    }

    fn script(&self, name: &str, options: &[&str]) -> Result<(bool, String)> {
        let line = Command::new("sh")
            .arg(format!("{INSTALLER}/{name}"))
            .args(options)
            .arg(self.0.path())
            .arg("all")
            .output()?;
        let said = String::from_utf8_lossy(&line.stdout).into_owned() + &String::from_utf8_lossy(&line.stderr);
        Ok((line.status.success(), said))
    }

    fn path(&self, place: &str) -> PathBuf {
        self.0.path().join(place)
    }

    fn expect_wrong(&self, what: &str) -> Result<()> {
        let (ok, said) = self.verify()?;
        ensure!(!ok && said.contains(what), "the verifier should name `{what}`:\n{said}");
        Ok(())
    }
}

#[test]
fn what_the_installer_puts_in_place_is_as_it_should_be() -> Result<()> {
    let staged = Staged::all()?;
    let (ok, said) = staged.verify()?;
    ensure!(ok, "{said}");
    let built = fs::read(programs()?.join("kv-flexnet-service"))?;
    ensure!(fs::read(staged.path("usr/sbin/kv-flexnet-service"))? == built, "another program was installed");
    ensure!(!staged.path("etc/kv-flexnet/profile.toml").exists(), "the profile is the administrator's");
    let (ok, said) = staged.script("install.sh", &["--from", &programs()?.display().to_string(), "--destdir"])?;
    ensure!(ok, "a second installation: {said}");
    ensure!(staged.verify()?.0);
    Ok(())
}

#[test]
fn the_verifier_names_what_is_not_as_it_should_be() -> Result<()> {
    let staged = Staged::all()?;
    let service = staged.path("usr/sbin/kv-flexnet-service");
    let name = service.display().to_string();
    run("chmod", &["777", &name])?.expect_ok("chmod")?;
    staged.expect_wrong("kv-flexnet-service has mode 777")?;
    fs::remove_file(&service)?;
    run("ln", &["-s", "/bin/true", &name])?.expect_ok("ln")?;
    staged.expect_wrong("kv-flexnet-service is missing or no plain file")?;

    let staged = Staged::all()?;
    let unit = staged.path("usr/lib/systemd/system/kv-flexnet-service.service");
    let text = fs::read_to_string(&unit)?;
    fs::write(&unit, text.replace("ProtectSystem=strict", "ProtectSystem=no"))?;
    staged.expect_wrong("lacks ProtectSystem=strict")?;
    fs::write(&unit, text.replace("Type=notify", "Type=nonsense"))?;
    // In a container without systemd the verifier says that it could not ask.
    if staged.verify()?.1.contains("there is no systemd-analyze") {
        return Ok(());
    }
    staged.expect_wrong("systemd-analyze: ")?;

    // A fence that the verifier does not know by name counts all the same.
    let staged = Staged::all()?;
    let unit = staged.path("usr/lib/systemd/system/kv-flexnet-gateway.service");
    let text = fs::read_to_string(&unit)?;
    fs::write(&unit, text.replace("RestrictNamespaces=yes\n", ""))?;
    staged.expect_wrong("systemd-analyze security: ")
}

#[test]
fn without_the_programs_nothing_is_called_installed() -> Result<()> {
    let (folder, empty) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let staged = Staged(folder);
    let from = empty.path().display().to_string();
    let (ok, said) = staged.script("install.sh", &["--from", &from, "--destdir"])?;
    ensure!(!ok && said.contains("kv-flexnet-service is missing"), "{said}");
    Ok(())
}

/// One folder above the tests' own.
fn programs() -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    test.parent().and_then(Path::parent).map(Path::to_owned).context("no folder")
}
