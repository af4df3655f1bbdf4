//! The same word to everybody: a log-in page, a page of maintenance, an error, or silence.

use std::{net::SocketAddr, path::Path};

use anyhow::Result;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::fake::{Identity, acceptor};

/// Serves until it is killed.
pub(super) async fn serve(listen: SocketAddr, status: u16, identity: Option<(&Path, &Path)>) -> Result<()> {
    let tls = identity.map(|(certificate, key)| acceptor(Identity { certificate, key })).transpose()?;
    let listener = TcpListener::bind(listen).await?;
    println!("listening on {listen}");
    loop {
        let (stream, _) = listener.accept().await?;
        let tls = tls.clone();
        tokio::spawn(async move {
            // How the visitor takes it is its own affair.
            let _ = match tls {
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => answer(stream, status).await,
                    Err(error) => Err(error.into()),
                },
                None => answer(stream, status).await,
            };
        });
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, status: u16) -> Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < 8192 {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    if status == 0 {
        return std::future::pending().await;
    }
    let place = if status == 302 { "Location: http://hotspot.example/login?to=x\r\n" } else { "" };
    let page = "<html><title>Hotel WLAN</title><form>Zimmernummer</form></html>";
    let length = page.len();
    let head = format!("HTTP/1.1 {status} Word\r\nContent-Type: text/html\r\n{place}Content-Length: {length}\r\n");
    stream.write_all(format!("{head}Connection: close\r\n\r\n{page}").as_bytes()).await?;
    Ok(stream.shutdown().await?)
}
