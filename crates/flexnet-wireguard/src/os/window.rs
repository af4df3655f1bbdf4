//! A window for `wg show`: the socket of the cross-platform userspace protocol, for reading only and without keys.
//! Who may change the device is its owner in this process alone; a `set` from outside could drop sessions or swap the key.

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::{fs::DirBuilderExt as _, net::UnixStream as Blocking},
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    task::JoinHandle,
};

/// Where `wg` looks for such sockets. The protocol fixes it.
pub(crate) const FOLDER: &str = "/var/run/wireguard";
/// Bytes that one connection may send: `get=1` has seven.
const LIMIT: u64 = 4096;
/// EPERM, negative as `wg` expects it.
const NOT_PERMITTED: &str = "errno=-1\n\n";

/// What a device says of itself, for as long as it is there.
pub(crate) trait Shown: Fn() -> Option<String> + Send + Sync + 'static {}

impl<F: Fn() -> Option<String> + Send + Sync + 'static> Shown for F {}

/// Open until it is dropped.
#[derive(Debug)]
pub(crate) struct Window {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl Window {
    /// Opens it in [`FOLDER`]. `shown` is the whole answer to `get=1`, without keys that are secret.
    pub(crate) fn open(name: &str, shown: impl Shown) -> io::Result<Self> {
        Self::open_in(Path::new(FOLDER), name, shown)
    }

    pub(super) fn open_in(folder: &Path, name: &str, shown: impl Shown) -> io::Result<Self> {
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let path = socket(folder, name);
        remove_stale(&path)?;
        let listener = UnixListener::bind(&path)?;
        Ok(Self { path, task: tokio::spawn(accept(listener, Arc::new(shown))) })
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.task.abort();
        // Already gone is as good.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether there is the socket of a process that died.
pub(crate) fn leftover(name: &str) -> io::Result<bool> {
    match Blocking::connect(socket(Path::new(FOLDER), name)) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes away the socket of a process that died. Whether there was one.
pub(crate) fn remove_leftover(name: &str) -> io::Result<bool> {
    match remove_stale(&socket(Path::new(FOLDER), name)) {
        // Somebody answers there, so it is not left over.
        Err(error) if error.kind() == ErrorKind::AddrInUse => Ok(false),
        other => other,
    }
}

fn socket(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.sock"))
}

fn remove_stale(path: &Path) -> io::Result<bool> {
    match Blocking::connect(path) {
        Ok(_) => Err(ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path).map(|()| true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

async fn accept(listener: UnixListener, shown: Arc<impl Shown>) {
    while let Ok((stream, _)) = listener.accept().await {
        if may_look(&stream) {
            let shown = Arc::clone(&shown);
            tokio::spawn(async move {
                // Who asks and goes away has no interest in the answer.
                let _: io::Result<()> = answer(stream, &*shown).await;
            });
        }
    }
}

/// Root and who runs this process, whatever the umask made of the socket.
fn may_look(stream: &UnixStream) -> bool {
    let own = nix::unistd::geteuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == 0 || peer.uid() == own)
}

async fn answer(stream: UnixStream, shown: &impl Shown) -> io::Result<()> {
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from.take(LIMIT)).lines();
    let mut request = Vec::new();
    while let Some(line) = lines.next_line().await? {
        if !line.is_empty() {
            request.push(line);
            continue;
        }
        let shown = if request == ["get=1"] { shown() } else { None };
        let text = shown.unwrap_or_else(|| NOT_PERMITTED.to_owned());
        to.write_all(text.as_bytes()).await?;
        request.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    async fn ask(folder: &Path, request: &str) -> String {
        let mut stream = UnixStream::connect(socket(folder, "wg0")).await.unwrap();
        let mut answer = String::new();
        let exchange = async {
            stream.write_all(request.as_bytes()).await?;
            stream.shutdown().await?;
            stream.read_to_string(&mut answer).await
        };
        // Who is cut off in the middle of a sentence gets no answer.
        let _: io::Result<usize> = timeout(Duration::from_secs(10), exchange).await.expect("it hangs");
        answer
    }

    #[tokio::test]
    async fn nothing_is_changed_through_it() {
        let folder = tempfile::tempdir().unwrap();
        let _window = Window::open_in(folder.path(), "wg0", || Some("errno=0\n\n".to_owned())).unwrap();
        assert_eq!(ask(folder.path(), "get=1\n\n").await, "errno=0\n\n");
        for request in ["set=1\nreplace_peers=true\n\n", "get=1\nset=1\n\n", "get=2\n\n"] {
            assert_eq!(ask(folder.path(), request).await, NOT_PERMITTED, "{request}");
        }
        assert_eq!(ask(folder.path(), &"x".repeat(100_000)).await, "");
    }

    #[tokio::test]
    async fn it_closes_when_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let window = Window::open_in(folder.path(), "wg0", || None).unwrap();
        let second = Window::open_in(folder.path(), "wg0", || None).map(drop);
        assert_eq!(second.unwrap_err().kind(), ErrorKind::AddrInUse, "a live socket was replaced");
        drop(window);
        assert!(!socket(folder.path(), "wg0").exists());
    }

    #[tokio::test]
    async fn the_socket_of_the_dead_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = socket(folder.path(), "wg0");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        Window::open_in(folder.path(), "wg0", || None).unwrap();
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(remove_stale(&path).unwrap());
        assert!(!remove_stale(&path).unwrap());
    }
}
