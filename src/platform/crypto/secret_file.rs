//! The secret file: 32 random bytes in hex that all keys are derived from.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use data_encoding::HEXLOWER;
use thiserror::Error;

use crate::platform::crypto::hash::random;
use crate::platform::crypto::keys::Keys;

/// Why the secret file can't be used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file can't be read or created, or isn't a secret file.
    #[error("POLLSTR_SECRET_FILE: {0}")]
    File(String),
    /// Its permissions are too open.
    #[error(
        "POLLSTR_SECRET_FILE: {file} can be accessed by other users (mode {mode:04o}); run: chmod {right} {file}"
    )]
    Open {
        /// Its path.
        file: String,
        /// Its mode.
        mode: u32,
        /// The mode to set.
        right: &'static str,
    },
    /// The database was created with another secret.
    #[error("POLLSTR_SECRET_FILE: {} is not the secret this database was created with; restore the right file", .0.display())]
    Mismatch(PathBuf),
    /// The database was created with a secret that is missing.
    #[error("POLLSTR_SECRET_FILE: {} is missing, but this database was created with it; restore it from your copy", .0.display())]
    Missing(PathBuf),
}

/// Forbidden mode bits: anything for others, and writing or executing for the group. The group may
/// read, since packages keep such files as root's with the service's group.
const FORBIDDEN_MODE: u32 = 0o037;

#[cfg(unix)]
fn refuse_open_to_others(file: &Path, found: &fs::Metadata) -> Result<(), KeyError> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777;
    if mode & FORBIDDEN_MODE == 0 {
        return Ok(());
    }
    let right = if mode & 0o200 == 0 { "400" } else { "600" };
    Err(KeyError::Open {
        file: file.display().to_string(),
        mode,
        right,
    })
}

#[cfg(not(unix))]
fn refuse_open_to_others(_: &Path, _: &fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

fn parse(text: &str) -> Option<[u8; 32]> {
    HEXLOWER
        .decode(text.trim().as_bytes())
        .ok()?
        .try_into()
        .ok()
}

fn write(file: &Path, master: &[u8; 32]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    writeln!(file, "{}", HEXLOWER.encode(master))?;
    file.sync_all()
}

impl Keys {
    /// Reads the secret file, or creates it if the database has none yet. `known` is the database's
    /// check value.
    ///
    /// # Errors
    /// When the file is missing, unreadable, too open, or belongs to another database.
    pub fn open(file: &Path, known: Option<&str>) -> Result<Self, KeyError> {
        if let Some(keys) = Self::read(file, known)? {
            return Ok(keys);
        }
        let keys = Self::derive(random());
        write(file, keys.master())
            .map_err(|error| KeyError::File(format!("{}: {error}", file.display())))?;
        Ok(keys)
    }

    /// Reads the secret file; `None` if neither the file nor a check value exists.
    ///
    /// # Errors
    /// As [`Keys::open`].
    pub fn read(file: &Path, known: Option<&str>) -> Result<Option<Self>, KeyError> {
        let file_error =
            |why: &dyn fmt::Display| KeyError::File(format!("{}: {why}", file.display()));
        match fs::metadata(file) {
            Ok(found) if !found.is_file() => return Err(file_error(&"not a file")),
            Ok(found) => refuse_open_to_others(file, &found)?,
            Err(error) if error.kind() == ErrorKind::NotFound && known.is_some() => {
                return Err(KeyError::Missing(file.to_owned()));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file_error(&error)),
        }
        let text = fs::read_to_string(file).map_err(|error| file_error(&error))?;
        let keys = Self::derive(parse(&text).ok_or_else(|| file_error(&"not a Pollstr secret"))?);
        if known.is_some_and(|known| known != keys.check_value()) {
            Err(KeyError::Mismatch(file.to_owned()))
        } else {
            Ok(Some(keys))
        }
    }
}
