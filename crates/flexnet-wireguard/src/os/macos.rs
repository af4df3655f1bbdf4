//! macOS: gotatun on a utun device, whose name the system chooses. `wg` finds it by the file NAME.name, as wg-quick keeps it.

use std::{fs, io, path::Path};

use gotatun::tun::tun;

use super::{tun::Tun, user_space::UserSpace, window};
use crate::{DeviceConfig, Error};

pub(crate) type Native = UserSpace;

pub(crate) async fn create(config: DeviceConfig) -> Result<(Native, String), Error> {
    let wanted = config.name.clone();
    let failed = |source| Error::Create { name: wanted.clone(), source };
    let (tun, closed) = Tun::create("utun", config.mtu).map_err(failed)?;
    let (device, name) = UserSpace::start(tun, closed, config).await?;
    // Only `wg` needs the file; the device works without it.
    if let Err(error) = fs::write(name_file(&wanted), &name) {
        tracing::warn!(device = name, %error, "no name file for `wg`");
    }
    Ok((device, name))
}

/// Without a name the system gives the next one that is free.
pub(super) fn name_tun(config: &mut tun::Configuration, _name: &str) {
    config.platform_config(|platform| {
        platform.enable_routing(false);
    });
}

pub(crate) fn remove_leftover(name: &str) -> Result<bool, Error> {
    let failed = |source| Error::Remove { name: name.to_owned(), source };
    match fs::read_to_string(name_file(name)) {
        Ok(real) => {
            window::remove_leftover(real.trim()).map_err(failed)?;
            fs::remove_file(name_file(name)).map_err(failed)?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn name_file(name: &str) -> std::path::PathBuf {
    Path::new(window::FOLDER).join(format!("{name}.name"))
}
