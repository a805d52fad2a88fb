//! The folder on disk, reached only through handles: a path is resolved below the root and never
//! through a symbolic link, so that nobody who can place one leads a write or a read elsewhere.

use std::ffi::CStr;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use time::OffsetDateTime;

use crate::model::ObjectKey;
use crate::secrets;

/// Where a write begins; what a crash leaves lies here and under no object's name.
const UNFINISHED: &str = "unfinished";
const AREAS: [&str; 4] = ["received", "results", "probe", UNFINISHED];

/// The archive's root.
#[derive(Debug)]
pub(super) struct Folder {
    root: OwnedFd,
    unfinished: OwnedFd,
}

/// A file that is being written. Dropping it removes its temporary name: what was not published
/// is gone, what was published keeps its own name.
#[derive(Debug)]
pub(super) struct Unfinished<'f> {
    folder: &'f Folder,
    name: String,
    pub(super) file: File,
}

impl Folder {
    /// Opens the root, made with its areas where missing. Only the path *to* the root may lead
    /// through symbolic links: that is the operator's.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(root)?;
        let root: OwnedFd = File::open(root)?.into();
        for area in AREAS {
            make_folder(root.as_fd(), area)?;
        }
        let unfinished = open_folder(root.as_fd(), UNFINISHED)?;
        Ok(Self { root, unfinished })
    }

    /// Begins a file, readable by its owner alone and not meant to be changed later.
    pub(super) fn begin(&self) -> io::Result<Unfinished<'_>> {
        let name = hex::encode(secrets::random::<16>());
        let file = openat2(
            self.unfinished.as_fd(),
            &name,
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL,
            Mode::RUSR,
        )?;
        Ok(Unfinished {
            folder: self,
            name,
            file: file.into(),
        })
    }

    /// Gives a written and synced file its name, unless the name is taken. When this returns, the
    /// name is on disk.
    pub(super) fn publish(&self, file: Unfinished<'_>, key: &ObjectKey) -> io::Result<()> {
        let (parent, name) = split(key);
        let folder = self.folder_for(parent)?;
        rustix::fs::linkat(
            &self.unfinished,
            &*file.name,
            &folder,
            name,
            AtFlags::empty(),
        )?;
        drop(file);
        rustix::fs::fsync(&folder)?;
        Ok(())
    }

    /// Opens an object for reading.
    pub(super) fn object(&self, key: &ObjectKey) -> io::Result<File> {
        // A pipe that somebody placed there must not hold us up.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK;
        Ok(openat2(self.root.as_fd(), key.as_str(), flags, Mode::empty())?.into())
    }

    /// Removes an object's name; when this returns, that is on disk.
    pub(super) fn remove(&self, key: &ObjectKey) -> io::Result<()> {
        let (parent, name) = split(key);
        let folder = open_folder(self.root.as_fd(), parent)?;
        rustix::fs::unlinkat(&folder, name, AtFlags::empty())?;
        rustix::fs::fsync(&folder)?;
        Ok(())
    }

    /// Removes what crashed writes left before `before`; says how many.
    pub(super) fn remove_unfinished(&self, before: OffsetDateTime) -> io::Result<u64> {
        let mut removed = 0;
        for name in names(self.unfinished.as_fd())? {
            let name = name?;
            let file: File =
                match openat2(self.unfinished.as_fd(), &name, OFlags::PATH, Mode::empty()) {
                    Err(Errno::NOENT) => continue,
                    opened => opened?.into(),
                };
            if OffsetDateTime::from(file.metadata()?.modified()?) < before {
                rustix::fs::unlinkat(&self.unfinished, &*name, AtFlags::empty())?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// The files and folders in `path` with their names, opened without reading them. What
    /// vanishes meanwhile is left out, and so are symbolic links: none of them is ours.
    pub(super) fn entries(
        &self,
        path: &str,
    ) -> io::Result<impl Iterator<Item = io::Result<(String, File)>>> {
        let folder = open_folder(self.root.as_fd(), path)?;
        let names = names(folder.as_fd())?;
        Ok(names.filter_map(move |name| {
            let name = match name {
                Ok(name) => name,
                Err(error) => return Some(Err(error)),
            };
            match openat2(folder.as_fd(), &name, OFlags::PATH, Mode::empty()) {
                Ok(file) => Some(Ok((name, file.into()))),
                Err(Errno::NOENT | Errno::LOOP) => None,
                Err(error) => Some(Err(error.into())),
            }
        }))
    }

    /// The folder at `path`, made where missing; when this returns, its name is on disk.
    fn folder_for(&self, path: &str) -> io::Result<OwnedFd> {
        if let Some((area, name)) = path.split_once('/') {
            let area = open_folder(self.root.as_fd(), area)?;
            make_folder(area.as_fd(), name)?;
        }
        Ok(open_folder(self.root.as_fd(), path)?)
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Err(error) =
            rustix::fs::unlinkat(&self.folder.unfinished, &*self.name, AtFlags::empty())
        {
            tracing::warn!(%error, "an unfinished file stays behind until the next sweep");
        }
    }
}

/// The folder part and the last part of a name.
fn split(key: &ObjectKey) -> (&str, &str) {
    key.as_str().rsplit_once('/').unwrap_or((".", key.as_str()))
}

/// Makes a folder where it is missing. It is synced in either case: another process may have made
/// it a moment ago and not come to that yet.
fn make_folder(parent: BorrowedFd<'_>, name: &str) -> io::Result<()> {
    match rustix::fs::mkdirat(parent, name, Mode::RWXU) {
        Ok(()) | Err(Errno::EXIST) => Ok(rustix::fs::fsync(parent)?),
        Err(error) => Err(error.into()),
    }
}

fn open_folder(parent: BorrowedFd<'_>, path: &str) -> Result<OwnedFd, Errno> {
    openat2(
        parent,
        path,
        OFlags::RDONLY | OFlags::DIRECTORY,
        Mode::empty(),
    )
}

fn openat2(at: BorrowedFd<'_>, path: &str, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    loop {
        match rustix::fs::openat2(at, path, flags | OFlags::CLOEXEC, mode, resolve) {
            // A rename elsewhere in the tree may disturb the walk of a path: openat2(2).
            Err(Errno::AGAIN | Errno::INTR) => {}
            other => return other,
        }
    }
}

/// The names in a folder that are ours: those in UTF-8, all of them but `.` and `..`.
fn names(folder: BorrowedFd<'_>) -> io::Result<impl Iterator<Item = io::Result<String>> + use<>> {
    let ours = |name: &CStr| {
        name.to_str()
            .ok()
            .filter(|name| !matches!(*name, "." | ".."))
            .map(str::to_owned)
    };
    Ok(
        Dir::read_from(folder)?.filter_map(move |entry| match entry {
            Ok(entry) => ours(entry.file_name()).map(Ok),
            Err(error) => Some(Err(error.into())),
        }),
    )
}
