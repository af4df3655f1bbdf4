//! Who is measured: our data plane, the other makes, and two limits. Each stands between the two hosts of [`crate::ground`].

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use flexnet_lab::{
    Process,
    command::{run, run_with},
    eventually,
};

use crate::{
    ground::{End, FOLDER},
    reading::{processor_time, proportional_memory},
};

const PATIENCE: Duration = Duration::from_secs(20);
const PORT: &str = "51820";

/// One of those that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Our device at both ends.
    Ours,
    /// gotatun as it comes.
    Gotatun,
    /// wireguard-go of Debian 12.
    WireguardGoBookworm,
    /// wireguard-go of Debian 13.
    WireguardGoTrixie,
    /// No tunnel.
    Veth,
    /// A TUN with segmentation offload whose packets are only copied: no cryptography, no UDP.
    TunCopy,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Ours, Self::Gotatun, Self::WireguardGoBookworm, Self::WireguardGoTrixie, Self::TunCopy, Self::Veth];

    /// Its name in tables and result files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Gotatun => "gotatun, stock",
            Self::WireguardGoBookworm => "wireguard-go, bookworm",
            Self::WireguardGoTrixie => "wireguard-go, trixie",
            Self::Veth => "veth, no tunnel",
            Self::TunCopy => "TUN copy, offloaded",
        }
    }

    /// Whether it is one of those that ours must not be below.
    pub const fn is_wireguard_go(self) -> bool {
        match self {
            Self::WireguardGoBookworm | Self::WireguardGoTrixie => true,
            Self::Ours | Self::Gotatun | Self::Veth | Self::TunCopy => false,
        }
    }
}

/// Where the programs are. A subject whose program is not here is left out, and the table says so.
#[derive(Debug, Clone)]
pub struct Programs {
    places: BTreeMap<Subject, PathBuf>,
}

impl Programs {
    /// Ours and gotatun's beside this program, and wireguard-go where the caller has it.
    ///
    /// # Errors
    /// This program does not know where it is, or one of its own is missing.
    pub fn find(bookworm: Option<PathBuf>, trixie: Option<PathBuf>) -> Result<Self> {
        let own = std::env::current_exe()?;
        let folder = own.parent().context("no folder")?;
        let mut places = BTreeMap::from([
            (Subject::Ours, folder.join("examples/wireguard-device")),
            (Subject::Gotatun, folder.join("examples/stock-gotatun")),
            (Subject::TunCopy, own.clone()),
        ]);
        for place in places.values() {
            ensure!(place.is_file(), "{} is missing: ./dev bench builds it", place.display());
        }
        places.extend(bookworm.map(|path| (Subject::WireguardGoBookworm, path)));
        places.extend(trixie.map(|path| (Subject::WireguardGoTrixie, path)));
        Ok(Self { places })
    }

    /// Whether a subject can be measured.
    pub fn have(&self, subject: Subject) -> bool {
        subject == Subject::Veth || self.places.contains_key(&subject)
    }

    fn place(&self, subject: Subject) -> Result<String> {
        Ok(self
            .places
            .get(&subject)
            .with_context(|| format!("no program for {}", subject.name()))?
            .display()
            .to_string())
    }
}

/// A subject that stands and carries; dropping it takes it away.
#[derive(Debug)]
pub struct Standing {
    processes: Vec<Process>,
    /// The far end's address through it.
    pub target: &'static str,
}

impl Standing {
    /// Sets it up and waits until a packet has gone there and back.
    ///
    /// # Errors
    /// It does not come to carry.
    pub fn up(subject: Subject, programs: &Programs) -> Result<Self> {
        let processes = match subject {
            Subject::Veth => Vec::new(),
            Subject::TunCopy => vec![tun_copy(&programs.place(subject)?)?],
            Subject::Ours => ours(&programs.place(subject)?)?,
            Subject::Gotatun => by_wg(&[&programs.place(subject)?])?,
            Subject::WireguardGoBookworm | Subject::WireguardGoTrixie => {
                by_wg(&["env", "WG_PROCESS_FOREGROUND=1", &programs.place(subject)?])?
            }
        };
        let target = if subject == Subject::Veth { End::Far.outside() } else { End::Far.inside() };
        if subject != Subject::Veth {
            for end in End::BOTH {
                end.ip(&format!("addr add {}/24 dev {}", end.inside(), end.device()))?;
                end.ip(&format!("link set {} mtu 1420 up", end.device()))?;
            }
        }
        let standing = Self { processes, target };
        eventually("an answer through it", PATIENCE, || {
            let logs: String = standing.processes.iter().map(Process::log).collect();
            End::Near.run(&["ping", "-nqc1", "-W1", target])?.expect_ok(&logs)
        })?;
        Ok(standing)
    }

    /// Processor time of its programs so far, both ends together.
    ///
    /// # Errors
    /// One of them has ended.
    pub fn processor_time(&self) -> Result<Duration> {
        self.processes.iter().map(|process| processor_time(process.id())).sum()
    }

    /// Memory of one end in kilobytes (proportional share), the mean of both. `None` where no program stands.
    ///
    /// # Errors
    /// One of them has ended.
    pub fn memory(&self) -> Result<Option<f64>> {
        let ends = self.processes.iter().map(|process| Ok(proportional_memory(process.id())? as f64));
        let ends = ends.collect::<Result<Vec<_>>>()?;
        Ok((!ends.is_empty()).then(|| ends.iter().sum::<f64>() / ends.len() as f64))
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.processes.clear();
        for end in End::BOTH {
            // wireguard-go's and gotatun's devices went with their process; what did not goes now.
            let _ = end.run(&["ip", "link", "del", end.device()]);
            let _ = fs::remove_file(format!("/run/wireguard/{}.sock", end.device()));
        }
    }
}

fn tun_copy(program: &str) -> Result<Process> {
    let copy = End::Near.start(&[program, "tun-copy"])?;
    for end in End::BOTH {
        wait_for_device(end, &copy)?;
    }
    Ok(copy)
}

/// Our device reads a file for what it is to have, as the gateway reads its sessions.
fn ours(program: &str) -> Result<Vec<Process>> {
    let keys = Keys::make()?;
    let mut processes = Vec::new();
    for end in End::BOTH {
        let wanted = file(end, "wanted");
        fs::write(
            &wanted,
            format!(
                "peer {} {} {}:{PORT} {}/32 25\n",
                keys.public(end.other()),
                keys.preshared,
                end.other().outside(),
                end.other().inside()
            ),
        )?;
        let key = file(end, "key");
        let process = end.start(&[program, end.device(), PORT, &key, &wanted])?;
        wait_for_device(end, &process)?;
        processes.push(process);
    }
    Ok(processes)
}

/// A device that `wg` sets up: the command with the device's name behind it.
fn by_wg(command: &[&str]) -> Result<Vec<Process>> {
    let keys = Keys::make()?;
    let mut processes = Vec::new();
    for end in End::BOTH {
        let mut line = command.to_vec();
        line.push(end.device());
        let process = end.start(&line)?;
        wait_for_device(end, &process)?;
        let (key, preshared) = (file(end, "key"), file(end, "preshared"));
        fs::write(&preshared, &keys.preshared)?;
        let endpoint = format!("{}:{PORT}", end.other().outside());
        let network = format!("{}/32", end.other().inside());
        let mut set = vec!["wg", "set", end.device(), "private-key", &key, "listen-port", PORT];
        set.extend(["peer", keys.public(end.other()), "preshared-key", &preshared, "endpoint", &endpoint]);
        set.extend(["allowed-ips", &network, "persistent-keepalive", "25"]);
        eventually("wg set", PATIENCE, || end.run(&set)?.expect_ok(&process.log()))?;
        processes.push(process);
    }
    Ok(processes)
}

fn wait_for_device(end: End, process: &Process) -> Result<()> {
    eventually("the device", PATIENCE, || {
        end.run(&["ip", "link", "show", end.device()])?.expect_ok(&process.log()).map(drop)
    })
}

struct Keys {
    near: String,
    far: String,
    preshared: String,
}

impl Keys {
    fn make() -> Result<Self> {
        let pair = |end: End| -> Result<String> {
            let private = run("wg", &["genkey"])?.expect_ok("wg genkey")?;
            fs::write(file(end, "key"), &private)?;
            Ok(run_with("wg", &["pubkey"], &private)?.expect_ok("wg pubkey")?.trim().to_owned())
        };
        let preshared = run("wg", &["genpsk"])?.expect_ok("wg genpsk")?.trim().to_owned();
        Ok(Self { near: pair(End::Near)?, far: pair(End::Far)?, preshared })
    }

    fn public(&self, end: End) -> &str {
        match end {
            End::Near => &self.near,
            End::Far => &self.far,
        }
    }
}

fn file(end: End, what: &str) -> String {
    Path::new(FOLDER).join(format!("{}.{what}", end.name())).display().to_string()
}
