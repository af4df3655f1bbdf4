//! IPv4 forwarding of the devices between members and portal. IPv6 forwarding is one switch for the whole machine and changes how it
//! takes router advertisements, so that is only checked.

use std::{fs, io, path::PathBuf};

use tracing::{info, warn};

use crate::network::Error;

/// What was switched on here and is to be switched off again.
#[derive(Debug, Default)]
pub(super) struct Forwarding {
    switched_on: Vec<PathBuf>,
}

impl Forwarding {
    /// Expects that packets from these devices are forwarded, and switches IPv4 forwarding on where they are not.
    /// The kernel asks the device that a packet came in by (ip-sysctl: `conf/interface/forwarding`).
    pub(super) fn expect<'a>(&mut self, devices: impl Iterator<Item = &'a str>, v6: bool) -> Result<(), Error> {
        for device in devices {
            let switch = PathBuf::from(format!("/proc/sys/net/ipv4/conf/{device}/forwarding"));
            self.switch_on(switch).map_err(|source| Error::Forwarding("net.ipv4.ip_forward", source))?;
        }
        let all = fs::read_to_string("/proc/sys/net/ipv6/conf/all/forwarding");
        if v6 && !all.as_ref().is_ok_and(|value| value.trim() == "1") {
            let off = all.err().unwrap_or_else(|| io::Error::other("it is 0"));
            return Err(Error::Forwarding("net.ipv6.conf.all.forwarding", off));
        }
        Ok(())
    }

    fn switch_on(&mut self, switch: PathBuf) -> io::Result<()> {
        if fs::read_to_string(&switch)?.trim() == "1" {
            return Ok(());
        }
        fs::write(&switch, "1")?;
        info!(switch = %switch.display(), "IPv4 forwarding switched on");
        self.switched_on.push(switch);
        Ok(())
    }

    /// Switches off what was switched on here.
    pub(super) fn put_back(&self) {
        for switch in &self.switched_on {
            if let Err(error) = fs::write(switch, "0") {
                warn!(switch = %switch.display(), %error, "IPv4 forwarding stays on");
            }
        }
    }
}
