//! macOS: a user-space device on utun, whose name the system chooses. `wg` finds it by the file NAME.name, as wg-quick keeps it.

use std::{fs, io, path::Path};

use super::{device::TunDevice, window};
use crate::{DeviceConfig, Error};

pub(crate) type Native = TunDevice;

pub(crate) async fn create(config: DeviceConfig) -> Result<(Native, String), Error> {
    let wanted = config.name.clone();
    let (device, name) = TunDevice::create(&config)?;
    // Only `wg` needs the file; the device works without it.
    if let Err(error) = fs::write(name_file(&wanted), &name) {
        tracing::warn!(device = name, %error, "no name file for `wg`");
    }
    Ok((device, name))
}

pub(crate) fn leftover(name: &str) -> Result<bool, Error> {
    let failed = |source| Error::Remove { name: name.to_owned(), source };
    name_file(name).try_exists().map_err(failed)
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
